namespace DeployOps.Adapters.PostgreSql;

/// <summary>The pause between two tries: doubled from the first, up to the longest, and of that a random part, so that two that met do not meet again.</summary>
internal static class PostgreSqlPause
{
    /// <summary>Waits after a try.</summary>
    /// <param name="session">Whose pace and token.</param>
    /// <param name="attempt">Which try failed, from 1.</param>
    internal static Task AfterAsync(PostgreSqlSession session, int attempt)
    {
        var longest = session.Pace.FirstPause * Math.Pow(2, attempt - 1);
        return Task.Delay((longest < session.Pace.LongestPause ? longest : session.Pace.LongestPause) * Random.Shared.NextDouble(), session.Time, session.Token);
    }
}
