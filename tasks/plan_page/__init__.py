"""The plan page of the customer's people: opening it by a link, making and revoking links, keeping what they answer."""
