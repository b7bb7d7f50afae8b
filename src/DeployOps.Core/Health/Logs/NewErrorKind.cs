namespace DeployOps.Health.Logs;

/// <summary>A kind of error that was never seen before the release.</summary>
/// <param name="Template">What its lines have in common.</param>
/// <param name="First">The first of them, cut and without known secrets.</param>
public sealed record NewErrorKind(string Template, string First);
