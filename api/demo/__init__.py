"""The main job in nine steps, told over real HTTP against a real service."""
