namespace DeployOps.Core.Tests.Support;

/// <summary>A place a version runs in, as a test sees it.</summary>
internal sealed class FakeInstance
{
    /// <summary>What it serves; null where nothing runs.</summary>
    public string? Version { get; set; }

    /// <summary>Another program listens at its address.</summary>
    public bool IsTaken { get; set; }

    public bool IsHealthy { get; set; } = true;

    public int Weight { get; set; }

    public int InFlight { get; set; }

    public bool Serves => Version is not null && IsHealthy;
}
