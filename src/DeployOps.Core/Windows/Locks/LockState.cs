namespace DeployOps.Windows.Locks;

/// <summary>What <c>environment.json</c> says: the epoch, and who had it last.</summary>
/// <param name="Epoch">Rises with each taking and each declaration of loss.</param>
/// <param name="LockName">The epoch in the lock file's name: 0, or the one at which an owner was last declared lost.</param>
/// <param name="Owner">Who took it last; whether it still holds, only the lock file tells.</param>
internal sealed record LockState(long Epoch, long LockName, LockOwner? Owner);
