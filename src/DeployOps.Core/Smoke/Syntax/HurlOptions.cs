using System.Collections.Immutable;

namespace DeployOps.Smoke.Syntax;

/// <summary>How one request is sent.</summary>
internal sealed record HurlOptions
{
    /// <summary>How often it is sent again when it fails. Default 0.</summary>
    public int Retry { get; init; }

    /// <summary>The time between two tries. Default 1 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time for one try with its redirects; null for the runner's.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Redirects are followed. Default no.</summary>
    public bool Location { get; init; }

    /// <summary>The most redirects followed. Default 50.</summary>
    public int MaxRedirects { get; init; } = 50;

    /// <summary>Variables set before the request.</summary>
    public ImmutableArray<HurlVariable> Variables { get; init; } = [];
}
