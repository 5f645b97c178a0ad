"""What a tab of the studio looks like: widgets that show the state and report what the user does."""
