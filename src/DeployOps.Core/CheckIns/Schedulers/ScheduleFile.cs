namespace DeployOps.CheckIns.Schedulers;

/// <summary>A file that a scheduler reads.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Text">What it holds.</param>
internal sealed record ScheduleFile(string Path, string Text);
