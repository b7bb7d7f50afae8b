namespace DeployOps.Notices;

/// <summary>A channel of the plan.</summary>
public sealed record NoticeSpec
{
    /// <summary>The channel's name, unique in the plan: what was sent to it is known by this name.</summary>
    public required string Name { get; init; }

    /// <summary>How it is reached: one of <see cref="KnownKinds.Notices"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who reads it; at least one.</summary>
    public IReadOnlyList<NoticeAudience> Audience { get; init; } = [NoticeAudience.Team];

    /// <summary>Webhook: the address to POST to; null for the other kinds.</summary>
    public Uri? Uri { get; init; }

    /// <summary>Webhook: what the body looks like.</summary>
    public WebhookFormat Format { get; init; }

    /// <summary>Webhook: signs the body by HMAC-SHA256; null leaves it unsigned.</summary>
    public string? Secret { get; init; }

    /// <summary>Mail: the SMTP server and how to sign in; null for the other kinds.</summary>
    public MailSpec? Mail { get; init; }

    /// <summary>Why it cannot be opened by this process: a reference of it yields nothing here. Null where it can.</summary>
    public string? Unresolved { get; init; }

    /// <summary>GitHub: the repository whose deployments follow the window; null for the other kinds.</summary>
    public GitHubDeploymentSpec? GitHub { get; init; }
}
