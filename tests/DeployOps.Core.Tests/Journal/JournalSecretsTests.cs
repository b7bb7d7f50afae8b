using System.Text.Json.Nodes;
using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Plans.Approvals;
using DeployOps.Preparation;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Journal;

/// <summary>A secret that the process knows from elsewhere stands in what a window is read back by.</summary>
public sealed class JournalSecretsTests : IDisposable
{
    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task A_window_is_not_opened_whose_log_could_not_be_read_back()
    {
        var release = opened = await Release.OpenAsync(prepared: false);
        Directory.Delete(release.Folder, recursive: true);
        var ports = release.Ports();
        var plan = WindowPlan.OnDisk(release.PlanPath, ports);
        ApprovalFile.Write(release.PlanPath, PlanApproval.Approve(plan.Plan, plan.Files, new OperatorIdentity("release-lead", "desk"), ports.TimeProvider.GetUtcNow()));
        ports.Redactor.Register("plan.psd1");
        var opener = new WindowOpener(ports, new SilentReporter(), new StartRequest { PlanPath = release.PlanPath, StartedFrom = "", Team = new Dictionary<string, string> { ["Monitor"] = "observer" } });

        var error = await Errors.OfAsync(async () => await opener.OpenAsync(await opener.PrepareAsync(CancellationToken.None), CancellationToken.None), "SecretInLog");

        error.Message.ShouldContain("A secret that this process knows stands in what the log is read back by (WindowOpened: planPath)");
        error.Message.ShouldContain("in a new terminal");
        File.Exists(release.Journal().Path).ShouldBeFalse();
    }

    [Fact]
    public async Task What_going_back_goes_by_is_captured_whole_or_not_at_all()
    {
        var release = opened = await Release.OpenAsync(prepared: false);
        var ports = release.Ports();
        ports.Redactor.Register("2.3.0");
        var runner = new PhaseRunner(ports, new SilentReporter(), null);

        var ending = await runner.RunAsync(await runner.PrepareAsync(await release.WindowAsync(), new PreparationPhase(), CancellationToken.None), CancellationToken.None);

        ending.Error.ShouldNotBeNull().ErrorId.ShouldBe("SecretInLog");
        ending.Error.Message.ShouldContain("(Captured: versions.");
        (await release.FactsAsync()).Captured<RolloutCapture>(RolloutFactory.CaptureName).ShouldBeNull();
    }

    [Theory]
    [InlineData(JournalKind.Intent)]
    [InlineData(JournalKind.Captured)]
    public async Task A_step_and_a_capture_are_called_by_their_names_or_not_begun(JournalKind kind)
    {
        var release = opened = await Release.OpenAsync();
        var ports = release.Ports();
        ports.Redactor.Register("blue-9");
        var journal = new JournalFile(release.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        var before = (await release.RecordsAsync()).Count;

        await Errors.OfAsync(() => journal.AppendAsync(new JournalEntry(kind, "blue-9 is next") { Phase = DeploymentPhase.Rollout, Target = "deploy/blue-9" }), "SecretInLog");
        var note = await journal.AppendAsync(new JournalEntry(JournalKind.Note, "blue-9 is next"));

        note.Message.ShouldBe("*** is next");
        (await release.RecordsAsync()).Count.ShouldBe(before + 1);
    }

    [Fact]
    public async Task Numbers_and_words_that_nobody_goes_by_are_masked_as_ever()
    {
        var release = opened = await Release.OpenAsync();
        var ports = release.Ports();
        ports.Redactor.Register("blue-9");
        var journal = new JournalFile(release.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);

        var record = await journal.AppendAsync(new JournalEntry(JournalKind.Captured, "seen") { Target = "seen", Detail = new JsonObject { ["words"] = "blue-9", ["file"] = "a" }, ReadBack = new JsonObject { ["file"] = "a" } });

        record.Data!["words"]!.GetValue<string>().ShouldBe("***");
    }

    [Fact]
    public async Task A_short_secret_that_a_hash_holds_by_chance_keeps_no_backup_from_being_proven()
    {
        var release = opened = await Release.OpenAsync(databases: Release.Database);
        await release.BackUpAsync();
        var manifest = (await release.FactsAsync()).Captured<BackupManifest>(BackupStep.CaptureName("shop"))!;
        var ports = release.Ports();
        ports.Redactor.Register(manifest.Sha256[10..14]);
        await using var session = await WindowSession.OpenAsync(release.Folder, ports);

        await session.CaptureAsync(DeploymentPhase.Preparation, BackupStep.CaptureName("shop"), manifest, "proven again", readBack: new { manifest.Sha256 });

        session.Facts.Captured<BackupManifest>(BackupStep.CaptureName("shop"))!.Sha256.ShouldBe(manifest.Sha256);
    }
}
