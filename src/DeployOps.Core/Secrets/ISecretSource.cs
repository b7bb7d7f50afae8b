namespace DeployOps.Secrets;

/// <summary>Knows what references yield.</summary>
public interface ISecretSource
{
    /// <summary>Resolves a reference to a text that is not empty.</summary>
    /// <exception cref="DeployOpsException"><c>SecretNotFound</c>, <c>SecretUnreadable</c> or <c>SecretManagementMissing</c>; never with the value.</exception>
    string Resolve(SecretReference reference);
}
