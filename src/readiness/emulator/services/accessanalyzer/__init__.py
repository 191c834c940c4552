"""IAM Access Analyzer, of which moto has nothing."""
