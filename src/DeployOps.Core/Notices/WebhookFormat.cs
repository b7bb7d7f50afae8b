namespace DeployOps.Notices;

/// <summary>What the body of a webhook looks like.</summary>
public enum WebhookFormat
{
    /// <summary>The notice's own fields, as JSON.</summary>
    Json,

    /// <summary>A Slack message of blocks.</summary>
    Slack,

    /// <summary>A Teams adaptive card, as a Workflows webhook takes it.</summary>
    Teams,
}
