"""Who may do what: permissions and roles, how a person is known, and who holds a role."""
