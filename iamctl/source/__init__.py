"""Where live IAM is read and changed: AWS, a snapshot file, the sandbox."""
