"""The pack for the exam AWS Certified Machine Learning Engineer - Associate: its map, and checks by section."""
