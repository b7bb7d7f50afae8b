using System.Collections.Concurrent;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>An engine whose user says No to every question, and a release with something to do in every phase: its plan, its open window and its planned one.</summary>
public sealed class OpenRelease : IDisposable
{
    public OpenRelease()
    {
        WorkInFlight.Track();
        Host = new RecordingHost("No");
        Engine = new EngineHost(Host, EngineHost.Probes);
        Release = new ShopRelease(Engine);
        Release.Plans.Write("fresh.psd1", File.ReadAllText(Release.Plans.Plan).Replace("'production'", "'staging'", StringComparison.Ordinal));
        Release.Plans.Write(Path.Combine("doubtful", "V1__drop_orders.sql"), "DROP TABLE orders;");
        Release.Execute("legacy.db", $"{ShopRelease.FlywayTable} INSERT INTO flyway_schema_history VALUES (1, '1', 'drop orders', 'SQL', 'V1__drop_orders.sql', 392885628, 'kim', '2025-01-02 03:04:05.678', 12, 1)");
        Engine.Invoke("param($Path) $global:Legacy = $Path", ("Path", Release.Plans.PathOf("legacy.db"))).Clean();
        Window = Release.Plans.Open(Engine);
        Finding = Engine.Invoke("param($Folder) @(Test-DbMigration $Folder -Kind Sqlite)[0]", ("Folder", Release.Plans.PathOf("doubtful"))).Clean().Single;
        Backup = BackUp(Directory.CreateDirectory(Release.Plans.PathOf("settings")).FullName, Release.Plans.PathOf("backups"));
        Planned = Engine.Invoke("param($Plan) Start-DeploymentWindow $Plan -WhatIf -Deviation 'not approved yet'", ("Plan", FreshPlan)).Clean().Single;
    }

    internal RecordingHost Host { get; }

    internal EngineHost Engine { get; }

    internal ShopRelease Release { get; }

    internal object Window { get; }

    internal object Planned { get; }

    /// <summary>The file of a backup.</summary>
    internal string Backup { get; }

    /// <summary>A finding of Test-DbMigration.</summary>
    internal object Finding { get; }

    /// <summary>Which cmdlets emit nothing under -WhatIf, as far as it was asked.</summary>
    internal ConcurrentDictionary<string, bool> EmitsOnlyForReal { get; } = new(StringComparer.Ordinal);

    /// <summary>A plan that has no window yet.</summary>
    internal string FreshPlan => Release.Plans.PathOf("fresh.psd1");

    /// <summary>What a cmdlet is given through the pipeline.</summary>
    internal object SubjectOf(CmdletUnderTest cmdlet) => cmdlet switch
    {
        { TakesWindow: true } => Window,
        { TakesBackup: true } => Backup,
        { TakesScripts: true } => Release.Plans.PathOf("doubtful"),
        { TakesChecks: true } => Finding,
        _ => Release.Plans.Plan,
    };

    private string BackUp(string folder, string destination) =>
        Engine.Invoke("param($Folder, $Destination) (New-DeploymentBackup -Folder $Folder -Destination $Destination).File", ("Folder", folder), ("Destination", destination)).Clean().Single.ToString()!;

    public void Dispose()
    {
        Release.Dispose();
        Engine.Dispose();
    }
}
