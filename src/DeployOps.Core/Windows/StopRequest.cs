namespace DeployOps.Windows;

/// <summary>Somebody asked forward motion to end.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="GoBack">True where a rollback follows; false where the window only stops.</param>
internal sealed record StopRequest(string By, string Reason, bool GoBack);
