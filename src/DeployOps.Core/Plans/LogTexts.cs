using DeployOps.Backups;
using DeployOps.Backups.Folders;
using DeployOps.CheckIns;
using DeployOps.Health.Logs;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Secrets;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

/// <summary>
/// The names and paths that the execution log is read back by: those of windows, steps, captures, channels, files and backups. With a secret masked in one of them nobody
/// could go on with the window, or back.
/// </summary>
internal sealed class LogTexts
{
    /// <summary>Stands between the texts; no path and no name holds it.</summary>
    private const char Between = '\0';

    /// <summary>The names of steps and captures that hang on no plan; <see cref="LogWords"/> knows those of one word.</summary>
    private static readonly string[] Fixed = [CheckInState.CaptureName, CheckInRegistration.CaptureName, CheckInConclusion.CaptureName, LogReview.WatchedName, ClosedTrafficStep.Key];

    private readonly IReadOnlyList<(string Kind, string Texts)> kinds;

    private LogTexts(params IReadOnlyList<(string Kind, IEnumerable<string> Texts)> kinds) =>
        this.kinds = [.. kinds.Select(kind => (kind.Kind, string.Join(Between, kind.Texts)))];

    /// <summary>Those of a plan that was not read from a file.</summary>
    internal static LogTexts None { get; } = new();

    /// <summary>Those of a plan, whole or as far as it could be read.</summary>
    /// <param name="path">The full path of the plan.</param>
    /// <param name="plan">The plan; null where there is none.</param>
    /// <param name="files">The paths of the files its approval covers, relative to it, with <c>/</c>.</param>
    /// <param name="home">Where windows are kept; null where none is.</param>
    internal static LogTexts Of(string path, DeploymentPlan? plan, IEnumerable<string> files, DeploymentHome? home) => new(
        ("one of the plan's own names", plan is null ? Fixed : [.. Fixed, .. Names(plan)]),
        ("the path of the plan", [path]),
        ("the path of a file of the plan", files),
        ("the path of a folder of settings", plan?.Configuration.Select(folder => folder.Path) ?? []),
        ("the path of a log", plan?.Monitoring?.Logs ?? []),
        ("the path of the home", home is null ? [] : [plan is null ? home.Root : home.Environment(plan.Service, plan.Environment)]));

    /// <summary>What kind of text a secret stands in, in one of the forms by which it would be masked there; null where it stands in none, and where it is never masked.</summary>
    internal string? KindOf(string secret)
    {
        if (!Redactor.Hides(secret))
        {
            return null;
        }

        var forms = SecretForms.Of(secret).ToList();
        return kinds.FirstOrDefault(kind => forms.Exists(form => kind.Texts.Contains(form, StringComparison.Ordinal) && !LogWords.Hold(form))).Kind;
    }

    private static IEnumerable<string> Names(DeploymentPlan plan) =>
    [
        plan.Environment,
        $"{plan.Service}-{plan.Release}-",
        .. plan.Databases.SelectMany(database => Names(database.Name)),
        .. plan.Configuration.SelectMany(folder => new[] { FolderBackupStep.CaptureName(folder.Name), FolderRestoreStep.KeyOf(folder.Name) }),
        .. plan.Rollout?.Instances.SelectMany(instance => new[] { DeployStep.KeyOf(instance.Name), DrainStep.KeyOf(instance.Name), AdmitStep.KeyOf(instance.Name), RetireStep.KeyOf(instance.Name) }) ?? [],
        .. plan.Monitoring?.Metrics.Select(metric => metric.Name) ?? [],
        .. plan.Notices.Select(channel => channel.Name),
    ];

    private static IEnumerable<string> Names(string database) =>
    [
        MigrationStep.KeyOf(database, ""),
        MigrationFactory.CaptureName(database),
        MigrationFactory.BeforeName(database),
        MigrationRehearsal.CaptureName(database),
        BackupStep.CaptureName(database),
        RestoreStep.KeyOf(database),
    ];
}
