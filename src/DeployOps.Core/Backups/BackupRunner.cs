using System.Globalization;
using DeployOps.Gates;

namespace DeployOps.Backups;

/// <summary>Takes backups and proves each by restoring it into a scratch place; puts them back only while they are what was proven.</summary>
/// <param name="target">The database.</param>
/// <param name="reporter">Told what goes on.</param>
/// <param name="time">Says when the backup was taken.</param>
public sealed class BackupRunner(IBackupTarget target, IStepReporter reporter, TimeProvider time)
{
    private const int Named = 5;

    /// <summary>Is given what was restored once it was found equal, before it is removed. Default: does nothing.</summary>
    public Func<IDatabase, Task> TryOn { get; init; } = _ => Task.CompletedTask;

    /// <summary>
    /// Asked when the backup was looked at, and again each time right before something is done to the live database, as <see cref="RestoreTerms.BeforeReplacing"/> says; what it throws keeps that from
    /// happening. Default: does nothing.
    /// </summary>
    public Action BeforeReplacing { get; init; } = () => { };

    /// <summary>Whether the plan goes back by the backup: one that could not be put back as things are is refused, and only warned of where this is false. Default: false.</summary>
    public bool GoesBackByIt { get; init; }

    /// <summary>Keeps a secret that the proof made out of everything that is written. Default: does nothing.</summary>
    public Action<string> Hide { get; init; } = _ => { };

    /// <summary>Copies the database, hashes the file, restores it into a scratch place and compares.</summary>
    /// <param name="database">The database's name in the plan.</param>
    /// <param name="file">The full path of the backup; it must not exist, its folder must.</param>
    /// <param name="cancellationToken">Stops it; an unfinished backup is removed.</param>
    /// <exception cref="DeployOpsException">
    /// <c>BackupFileExists</c>; <c>BackupFailed</c>, also where it could not be put back; <c>BackupCorrupt</c> or <c>BackupNotProven</c>, where the file is kept under the name it has, for whoever looks into it.
    /// </exception>
    public async Task<BackupManifest> TakeAsync(string database, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            throw BackupFile.Exists(file);
        }

        var witness = new ProofWitness(reporter, time, database) { Hide = Hide };
        await RefuseHinderedAsync(database, cancellationToken);
        var takenAt = time.GetUtcNow();
        var taken = await witness.RunAsync("copying", () => target.BackupAsync(file, cancellationToken));
        WarnOfMoving(database, taken);
        var sha256 = await witness.RunAsync($"hashing {Path.GetFileName(file)}", () => BackupFile.HashAsync(file, cancellationToken));
        await witness.RunAsync(
            "restoring into a scratch place",
            () => target.ReadBackAsync(
                file,
                witness,
                async (copy, restored) =>
                {
                    RequireEqual(database, file, taken, restored);
                    witness.Turns("restored and equal");
                    await TryOn(copy);
                },
                cancellationToken));

        return new BackupManifest
        {
            Database = database,
            File = file,
            Size = new FileInfo(file).Length,
            Sha256 = sha256,
            Fingerprint = taken,
            TakenAt = takenAt,
            Proof = witness.Evidence,
        };
    }

    /// <summary>Replaces the live database by the backup. Nobody may write meanwhile.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c> or <c>BackupChanged</c>, before anything was touched; what the database says otherwise.</exception>
    public Task<IReadOnlyList<string>> RestoreAsync(BackupManifest manifest, CancellationToken cancellationToken) => RestoreAsync(manifest, null, cancellationToken);

    /// <summary>The same, where it was counted what is lost by it.</summary>
    /// <param name="manifest">The backup.</param>
    /// <param name="agreed">What somebody agreed to lose; null compares with nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was warned of, a line each.</returns>
    /// <exception cref="DeployOpsException">The same; <c>RestoreLosesMore</c> where more was written since, and that was not agreed to.</exception>
    public async Task<IReadOnlyList<string>> RestoreAsync(BackupManifest manifest, AgreedLoss? agreed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var witness = new ProofWitness(reporter, time, manifest.Database);
        await witness.RunAsync($"checking {Path.GetFileName(manifest.File)}", () => BackupFile.RefuseChangedAsync(manifest.File, manifest.Sha256, cancellationToken));
        var told = new List<string>();
        await witness.RunAsync("restoring", () => ReplaceAsync(manifest, new RestoreTerms { Agreed = agreed, Warn = Warn, Progress = witness.Turns, BeforeReplacing = BeforeReplacing }, cancellationToken));
        var live = await witness.RunAsync("comparing what is in its place", () => target.FingerprintAsync(cancellationToken));
        var comparison = BackupComparison.Compare($"restore of {manifest.Database}", manifest.Fingerprint, live);
        if (comparison.Verdict != GateVerdict.Pass)
        {
            if (agreed is { AlsoLater: true } && BackupComparison.HasTheSameTables(manifest.Fingerprint, live))
            {
                // Whoever was not stopped went on at once. What was put in its place had been compared before, or was copied from a file that is what was proven.
                Warn($"it is written to again already: {comparison.Detail}");
                return told;
            }

            throw new DeployOpsException(
                "RestoreNotProven",
                FaultKind.Security,
                $"{manifest.Database} does not hold what the backup holds: {comparison.Detail}.",
                "Make sure that nothing writes to it, then restore again.")
            { Target = comparison };
        }

        return told;

        void Warn(string words)
        {
            told.Add(words);
            reporter.Warn($"{manifest.Database}: {words}");
        }
    }

    private Task ReplaceAsync(BackupManifest manifest, RestoreTerms terms, CancellationToken cancellationToken)
    {
        BeforeReplacing();
        return target.RestoreAsync(manifest.File, manifest.Fingerprint, terms, cancellationToken);
    }

    // Whoever goes back does so when there is no time left to mend it.
    private async Task RefuseHinderedAsync(string database, CancellationToken cancellationToken)
    {
        if (await target.FindHindranceAsync(cancellationToken) is not { } hindrance)
        {
            return;
        }

        if (GoesBackByIt && hindrance is { IsCertain: true, MayPass: false })
        {
            throw new DeployOpsException(
                "BackupFailed", FaultKind.InvalidOperation, $"The plan goes back by the backup of {database}, which could not be put back as things are: {hindrance.Why}.", hindrance.Next)
            { Target = database };
        }

        reporter.Warn(hindrance.IsCertain ? $"{database}: its backup could not be put back as things are: {hindrance.Why}. {hindrance.Next}" : $"{database}: before its backup is put back: {hindrance.Why}. {hindrance.Next}");
    }

    private void WarnOfMoving(string database, DatabaseFingerprint taken)
    {
        var names = taken.Tables.Where(table => table.HasNoSnapshot).Select(table => table.Name).ToList();
        if (names.Count > 0)
        {
            var more = names.Count > Named ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - Named} more") : "";
            reporter.Warn($"{database}: what is written while it is backed up to tables whose engine knows no transactions keeps the backup from being proven: {string.Join(", ", names.Take(Named))}{more}. ALTER TABLE … ENGINE = InnoDB gives them one that does.");
        }
    }

    private static void RequireEqual(string database, string file, DatabaseFingerprint taken, DatabaseFingerprint restored)
    {
        var comparison = BackupComparison.Compare($"backup of {database}", taken, restored);
        if (comparison.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException(
                "BackupNotProven",
                FaultKind.Security,
                $"The backup of {database} does not hold what the database held: {comparison.Detail}.",
                $"Do not rely on {file}. {(BackupComparison.Moved(taken, restored) is { Count: > 0 } moved ? $"Stop what writes to {string.Join(", ", moved)}" : "Check disk and memory")}, then take another one.")
            { Target = comparison };
        }
    }
}
