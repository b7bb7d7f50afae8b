namespace DeployOps.Operations;

/// <summary>
/// What the commands of this home did, across windows and processes: for whoever looks into how a night went. It decides nothing; what happened to
/// production is in the execution log of the window.
/// </summary>
public interface IOperationsLog
{
    /// <summary>Adds an event; it is in the file when this returns, though not yet surely on the disk.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not write it.</exception>
    /// <exception cref="DeployOpsException"><c>FolderUnusable</c>.</exception>
    void Write(OperationEvent operation);
}
