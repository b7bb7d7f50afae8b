namespace DeployOps.Notices;

/// <summary>How mail is sent.</summary>
public sealed record MailSpec
{
    /// <summary>The SMTP server's host.</summary>
    public required string Server { get; init; }

    /// <summary>Its port, 1 to 65535. Default 587.</summary>
    public int Port { get; init; } = 587;

    /// <summary>How the connection is kept private. Default StartTls.</summary>
    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>Who signs in; null where nobody does.</summary>
    public string? User { get; init; }

    /// <summary>The password to sign in with.</summary>
    public string? Password { get; init; }

    /// <summary>The sender's address.</summary>
    public required string From { get; init; }

    /// <summary>The receivers' addresses; at least one.</summary>
    public required IReadOnlyList<string> To { get; init; }
}
