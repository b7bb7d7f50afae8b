namespace DeployOps.Adapters.Watching;

/// <summary>The pause between two tries: doubled from the first, up to the longest, and of that a random part, so that two that met do not meet again.</summary>
internal static class ScriptPause
{
    /// <summary>Waits after a try.</summary>
    /// <param name="pace">The first pause and the longest.</param>
    /// <param name="attempt">Which try failed, from 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    internal static Task AfterAsync(ScriptPace pace, int attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        var longest = pace.FirstPause * Math.Pow(2, attempt - 1);
        return Task.Delay((longest < pace.LongestPause ? longest : pace.LongestPause) * Random.Shared.NextDouble(), time, cancellationToken);
    }
}
