namespace DeployOps.Secrets;

/// <summary>Where a reference points.</summary>
public enum SecretKind
{
    /// <summary>At an environment variable: <c>env:NAME</c>.</summary>
    Environment,

    /// <summary>At a file's content: <c>file:PATH</c>.</summary>
    File,

    /// <summary>At a SecretManagement vault: <c>secret:NAME</c>.</summary>
    Vault,
}
