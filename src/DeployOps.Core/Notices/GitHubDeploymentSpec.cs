namespace DeployOps.Notices;

/// <summary>The repository whose deployments show how a window goes.</summary>
public sealed record GitHubDeploymentSpec
{
    /// <summary>The repository as <c>owner/name</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>The branch, tag or commit that is deployed; null for the one that is called as the release.</summary>
    public string? Ref { get; init; }

    /// <summary>Who writes; needs the right to write deployments.</summary>
    public required string Token { get; init; }

    /// <summary>The server's address. Default https://api.github.com.</summary>
    public Uri Uri { get; init; } = new("https://api.github.com");
}
