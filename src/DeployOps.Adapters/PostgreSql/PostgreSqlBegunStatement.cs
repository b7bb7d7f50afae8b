namespace DeployOps.Adapters.PostgreSql;

/// <summary>What the history knows of a statement of a script outside of a transaction.</summary>
/// <param name="Sha256">Of its text, with the rows of a COPY.</param>
/// <param name="State"><c>running</c>, <c>done</c> or <c>failed</c>.</param>
/// <param name="SqlState">What the server said when it did not succeed; null where it said nothing.</param>
/// <param name="Message">The same in words.</param>
internal sealed record PostgreSqlBegunStatement(string Sha256, string State, string? SqlState, string? Message)
{
    /// <summary>Whether it is in effect.</summary>
    internal bool IsDone => State == "done";

    /// <summary>Whether nobody knows what came of it: a run ended while it ran, or it failed after it may have committed.</summary>
    internal bool IsUnknown => State == "running";
}
