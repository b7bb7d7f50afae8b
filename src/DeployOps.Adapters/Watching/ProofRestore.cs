using DeployOps.Backups;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>Restores a backup, to prove it, on a server that others need: held by the gate of its migrations, so that its replicas keep up.</summary>
/// <param name="file">The backup's name.</param>
/// <param name="server">The server, for whoever is told.</param>
/// <param name="limits">What the plan allows a migration. How busy processors are is asked of migrations alone.</param>
/// <param name="observer">Is told of it while it goes on.</param>
/// <param name="time">The clock.</param>
internal sealed class ProofRestore(string file, string server, MigrationLimits limits, IProofObserver observer, TimeProvider time)
{
    /// <summary>Restores it.</summary>
    /// <param name="sampler">Looks at the server.</param>
    /// <param name="fill">Writes it: as fast as it goes, or where there are replicas that have to keep up part by part, each once the gate it is given returns.</param>
    /// <param name="finish">Is done once it is written and the gate has held.</param>
    /// <param name="unknown">The error where the gate did not open in time.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task RunAsync(IScriptSampler sampler, Func<Func<bool, CancellationToken, Task>?, Task> fill, Func<Task> finish, Func<string, Exception, DeployOpsException> unknown, CancellationToken cancellationToken)
    {
        var pass = new ScriptPass();
        var watched = new WatchedScript(file, 0, limits with { MaxCpu = null, MustKnowDisk = false, MustKnowTransactions = false }, new ProofWatch(observer, server), pass);
        try
        {
            await using var watch = new ScriptWatch(watched, sampler, time);
            Task GateAsync(bool always, CancellationToken token) => watch.PassGateAsync("more of the restore", () => "The restore was given up.", token, always);
            await GateAsync(true, cancellationToken);
            watch.Start();
            // Without replicas there is nothing that would have to keep up. A plan that does without them lets none of those that are there fall behind.
            await fill(Math.Max(limits.Replicas ?? 0, pass.Replicas ?? 0) > 0 ? GateAsync : null);
            await GateAsync(true, cancellationToken);
            await finish();
        }
        catch (DeployOpsException e) when (e.ErrorId == "MigrationGateHeld")
        {
            throw unknown(e.Fact.TrimEnd('.'), e);
        }
    }
}
