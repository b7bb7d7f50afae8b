using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>An issue somebody met.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Phase">During which phase; null where none was named.</param>
/// <param name="By">Who wrote it.</param>
/// <param name="Issue">What was met.</param>
/// <param name="Resolution">How it was resolved; null where that was not written.</param>
internal sealed record IssueNote(DateTimeOffset At, DeploymentPhase? Phase, string By, string Issue, string? Resolution);
