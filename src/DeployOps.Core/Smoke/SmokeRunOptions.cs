namespace DeployOps.Smoke;

/// <summary>How smoke tests are run.</summary>
public sealed record SmokeRunOptions
{
    /// <summary>The run's id, such as the window's: sent as <c>X-DeployOps-Run</c>, so that metrics can leave these requests out.</summary>
    public required string RunId { get; init; }

    /// <summary>The product's version, sent in <c>User-Agent: DeployOps-Smoke/&lt;version&gt;</c>. Default: this assembly's.</summary>
    public string Version { get; init; } = typeof(SmokeRunOptions).Assembly.GetName().Version!.ToString(3);

    /// <summary>The most files that run at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>The time for one request with its redirects, where the file says nothing. Default 30 s.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Is told each secret a file captures (<c>redact</c>) or signs in with, before anything is written about it.</summary>
    public Action<string>? OnSecret { get; init; }

    /// <summary>Takes known secrets out of a text. It is asked before a text is cut, since half a secret is not recognised.</summary>
    public Func<string, string>? Redact { get; init; }
}
