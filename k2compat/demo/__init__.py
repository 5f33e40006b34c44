"""The demo: an old Grad-CAM script with one line changed, on shipped files or on the user's own."""
