namespace DeployOps.Migrations.Watching;

/// <summary>The room on the disk of the server's data.</summary>
/// <param name="Free">What is free, in bytes.</param>
/// <param name="Total">Its size, in bytes.</param>
public sealed record FreeSpace(long Free, long Total)
{
    /// <summary>Whose disk it is. Default: the server's.</summary>
    public string Of { get; init; } = "the server's disk";

    /// <summary>Whether a limit is met.</summary>
    /// <param name="least">Below 1 a fraction of the disk, from 1 on bytes.</param>
    public bool IsAtLeast(double least) => least < 1 ? Free >= least * Total : Free >= least;

    /// <inheritdoc/>
    public override string ToString() => $"{WatchText.Size(Free)} of {WatchText.Size(Total)}";
}
