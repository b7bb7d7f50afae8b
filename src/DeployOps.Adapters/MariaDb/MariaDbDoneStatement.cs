namespace DeployOps.Adapters.MariaDb;

/// <summary>A statement that was run, as it is recorded.</summary>
/// <param name="Number">Its number in the script, from 1.</param>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Hash">What its text is known by.</param>
/// <param name="Rows">How many rows it touched.</param>
internal sealed record MariaDbDoneStatement(int Number, int Line, string Hash, long Rows);
