namespace DeployOps.Notices;

/// <summary>How the connection to an SMTP server is kept private.</summary>
public enum MailSecurity
{
    /// <summary>It begins in the clear and must change to TLS before anything is said.</summary>
    StartTls,

    /// <summary>It is TLS from its first byte.</summary>
    Tls,

    /// <summary>It stays in the clear: for a server on this machine only.</summary>
    None,
}
