using System.Text.RegularExpressions;
using DeployOps.Core.Tests.Support;

namespace DeployOps.Core.Tests.Phases.Failures;

/// <summary>No way to fail is left out: each error id of the sources is a case of failure, a fault that a step may meet, or none of a phase.</summary>
public sealed partial class ErrorIdTests
{
    /// <summary>What scripts, routers, databases, backups and their files may answer a step with. Each is told by the one frame, whatever its own words are.</summary>
    private static readonly string[] OfSteps =
    [
        "BackupCorrupt", "BackupFileExists", "BackupProofUnknown", "BackupScratchFailed", "BackupToolMissing", "BackupToolTooOld", "DatabaseBusy", "DatabaseConnectionLost", "DatabasePooled", "DatabaseConnectionStringInvalid", "DatabaseDiskFailed", "DatabaseLeftClosed", "DatabaseNotAFile", "DatabaseReadFailed",
        "DeployScriptInvalid", "DiskSyncFailed", "FileNotApproved", "FolderChanging", "FolderMissing", "FolderUnreadable", "FolderUnusable", "JournalRecordInvalid", "MetricSelectorInvalid", "MetricsPageInvalid",
        "MigrationAlreadyApplied", "MigrationBlockedOthers", "MigrationBusy", "MigrationChunkExceeded", "MigrationGateHeld", "MigrationCommitUnknown", "MigrationIndexInvalid", "MigrationInterrupted", "MigrationLockTimeout", "MigrationEncodingInvalid", "MigrationHeaderInvalid", "MigrationHistoryChanged", "MigrationHistoryInvalid", "MigrationLintRefused", "MigrationNameInvalid", "MigrationNotApplied", "MigrationScriptTimeout",
        "MigrationRoundUncounted", "MigrationScriptUnsupported", "MigrationTransactionMixed", "MigrationUndoWithoutVersion", "MigrationVersionDuplicate", "RestoreNotProven", "RestoreNotReversible",
        "RouterConfigurationInvalid", "RouterConfigurationNotWritten", "RouterInstanceUnknown", "RouterKindUnknown", "RouterStateInvalid", "SmokeVariableInvalid", "SmokeVariableUndefined", "SqlCopyDataMisplaced", "SqlCopyDataUnterminated", "SqlDelimiterInvalid", "SqlMetaCommand", "SqlModeUnknown", "SqlStatementTooLong", "SqlStatementsBundled", "SqlTextUnterminated",
        "ValidationFileInvalid", "ValidationQueryFailed",
        "MigrationScriptChanged", "RestoreUnknown", "RestoreInterrupted", "SqlStringsNotStandard", "SqlReturnStray", "ScratchUnusable", "SecretInLog", "SqlFileUnreadable",
    ];

    /// <summary>What keeps a phase from being begun; told like the cases of windows.</summary>
    private static readonly string[] OfWindows = ["RequestsUnreadable", "RunbookMismatch", "WindowEmpty"];

    /// <summary>What is wrong with an input before there is a phase, or belongs to a command that is none: production is not touched by any of them.</summary>
    private static readonly string[] OfNoPhase =
    [
        "ApprovalByAnother", "ApprovalExpired", "ApprovalForAnotherPlan", "ApprovalFromFuture", "ApprovalUnreadable", "ApprovalUnwritable", "ApprovalValidityOutOfRange", "BackupProofInvalid", "BackupProofMissing", "ConfirmationNeeded", "DatabaseKindUnknown", "DatabaseServerUnsupported", "EnvironmentInRelease", "EnvironmentNotHeld", "EpochMismatch", "EpochOfAnotherWindow", "EpochMissing",
        "FreezeFileUnreadable", "GitHubAnswerInvalid", "GitHubDenied", "GitHubNotFound", "GitHubRateLimited", "GitHubRefused", "GitHubUnreachable", "IncidentKindUnknown", "IntervalNotForCron", "MigrationBaselineInvalid", "MigrationHistoryExists", "MigrationHistoryFailed", "MigrationHistoryMissing", "MigrationHistoryUnmapped", "MigrationHistoryUnsupported", "MigrationVerifyUnsupported", "MonitoringNotRegistered", "MonitoringRegistered", "MonitoringTimeInvalid", "SchedulerFailed", "SchedulerMissing", "SchedulerOfAnother", "WindowNotCompleted", "IncidentLabelUnknown",
        "ExecutorNotInTeam", "FourEyes", "HomeUnreadable", "NobodyToConfirm", "NothingToBackUp", "NothingToComplete", "NoticeKindUnknown", "NoticeNotTaken", "OtherWindowsUntouched", "PlanFileUnreadable", "PlanFilesTooLarge", "PlanInvalid", "PlanNotFound", "PlanTooLarge", "PlanUnreadable", "ReportInsideHome", "ReportNotWritten", "ReportOverAnotherFile",
        "CheckFileNotWritten", "CheckFileOverAnother", "CheckInBusy", "CheckInUnreadable", "CheckInVariables", "CheckKindUnknown", "NoticeRefused",
        "RestorePlaceMissing", "RestorePlaceWrong", "RoleUnknown", "SecretManagementMissing", "SecretNotFound", "SecretUnreadable", "SmokeFileMissing", "SqlDialectUnknown", "SqlFolderMissing", "WatchTimeInvalid", "WindowNotFound", "WindowNotOpen", "WindowNotStopped", "WindowOnlyPlanned",
    ];

    /// <summary>Words of another meaning that stand where an id may stand, and verdicts that no phase gives: these three throw what they meet.</summary>
    private static readonly string[] NoIds = ["Migrations", "Validations", "PreparationFailed", "RolloutFailed", "CompletionFailed"];

    public static TheoryData<string> StepIds => [.. OfSteps];

    [Fact]
    public void Each_error_id_of_the_sources_is_accounted_for()
    {
        var known = FailureTests.All.SelectMany(one => new[] { one.Id, one.Cause }).OfType<string>().Concat(OfSteps).Concat(OfWindows).Concat(OfNoPhase).ToHashSet(StringComparer.Ordinal);
        var found = Ids().Except(NoIds).ToHashSet(StringComparer.Ordinal);

        found.Count.ShouldBeGreaterThan(100);
        found.Except(known).Order(StringComparer.Ordinal).ShouldBeEmpty("these ids have no case of failure");
        known.Except(found).Order(StringComparer.Ordinal).ShouldBeEmpty("these ids are in no source any more");
    }

    [Fact]
    public void No_id_is_accounted_for_twice() =>
        OfSteps.Concat(OfWindows).Concat(OfNoPhase).Concat(FailureTests.All.SelectMany(one => new[] { one.Id, one.Cause }).OfType<string>().Distinct())
            .GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();

    [Fact]
    public void The_topic_on_troubleshooting_names_only_ids_that_are_there()
    {
        var topic = File.ReadAllLines(Repository.PathOf("module", "about_DeployOps_Troubleshooting.help.txt"));

        var headings = topic.Where(line => Heading().IsMatch(line)).ToList();

        headings.Count.ShouldBe(10);
        headings.SelectMany(line => Named().Matches(line).Select(match => match.Value)).Except(Ids()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(StepIds))]
    public async Task Whatever_a_step_meets_is_told_in_the_one_form(string id)
    {
        using var stage = new Stage();
        var release = await stage.OpenAsync(Stage.Never);
        Stage.Break(release, "deploy green-1 2.4.0", id, "server.conf:7 refused it, 3 of 5.", "Mend it.");

        var error = await Stage.RollOutAsync(release);

        error.ErrorId.ShouldBe(id);
        error.Message.ShouldBe(string.Join(
            '\n',
            "Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': server.conf:7 refused it, 3 of 5.",
            "Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.",
            "Next: Mend it. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout"));
    }

    private static IEnumerable<string> Ids()
    {
        var sources = Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        return sources.Select(File.ReadAllText).SelectMany(text => Thrown().Matches(text).Concat(Judged().Matches(text)).Concat(Handed().Matches(text))).Select(match => match.Groups["id"].Value).Distinct(StringComparer.Ordinal);
    }

    [GeneratedRegex("^ [ 1][0-9] ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\b([A-Z][a-z]+){2,}\b")]
    private static partial Regex Named();

    // Every error is made with its kind behind its id.
    [GeneratedRegex("\"(?<id>[A-Z][A-Za-z]{5,})\",\\s*(FaultKind|known\\.Kind)")]
    private static partial Regex Thrown();

    [GeneratedRegex("Acts: (true|false), \"(?<id>[A-Za-z]+)\"")]
    private static partial Regex Judged();

    // Or the id is handed to what makes it.
    [GeneratedRegex("(Failed|Closed|RequireAsync|Unknown|PhaseTraits|MigrationRefusal|PlanDeviation|yield return new|deviations\\.Add\\(new)\\((?:[^;\"]*?)\"(?<id>[A-Z][A-Za-z]{7,})\"")]
    private static partial Regex Handed();
}
