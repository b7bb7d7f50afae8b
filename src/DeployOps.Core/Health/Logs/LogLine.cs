namespace DeployOps.Health.Logs;

/// <summary>A line of a log.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Begin">The place of the file at which it begins, in bytes.</param>
/// <param name="WasTold">True where an earlier look, at which it had no end yet, told it as an error.</param>
internal readonly record struct LogLine(string Text, long Begin, bool WasTold = false);
