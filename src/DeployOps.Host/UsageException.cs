namespace DeployOps.Host;

/// <summary>The host cannot begin: the command line is wrong, or the script or the module is not there.</summary>
internal sealed class UsageException(string message) : Exception(message);
