"""What the CRM is told, what its people changed there, and which deals open an onboarding."""
