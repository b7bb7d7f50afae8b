namespace DeployOps.Health;

/// <summary>An HTTP address that answers 200 when the system is well.</summary>
public sealed record ProbeSpec
{
    /// <summary>The name shown in gates and logs.</summary>
    public required string Name { get; init; }

    /// <summary>The address to GET.</summary>
    public required Uri Uri { get; init; }

    /// <summary>How many answers in a row must be well. Default 3; 1 to 100.</summary>
    public int Consecutive { get; init; } = 3;

    /// <summary>Between two asks. Default 1 second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one answer may take. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
