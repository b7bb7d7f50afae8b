using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Preparation;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Steps;

namespace DeployOps.Core.Tests.Rollbacks;

public sealed class ConfigurationRollbackTests : IDisposable
{
    private const string Restores = "When = 'Automatic'; Configuration = 'Restore'";

    private Release? opened;

    [Fact]
    public async Task The_preparation_proves_a_backup_of_each_folder()
    {
        var release = await PreparedAsync(Restores);

        (await release.RecordsAsync()).ShouldContain(record => record.Target == "configuration/settings" && record.Message == "Backup of settings proven: 1 files, 3 bytes, extracted and equal");
    }

    [Fact]
    public async Task Settings_that_the_release_changed_are_restored_before_the_old_version_gets_its_traffic()
    {
        var release = await RolledOutAsync(Restores);
        string? settings = null;
        release.Shop.BeforeAct = (act, _) =>
        {
            settings ??= act == "weights blue-1 100, green-1 0" ? Settings(release) : null;
            return Task.CompletedTask;
        };

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        settings.ShouldBe("old");
        Settings(release).ShouldBe("old");
        result.Steps[0].ShouldStartWith("settings: restored from the backup of ");
    }

    [Fact]
    public async Task Planned_it_says_that_settings_will_be_restored_and_touches_none()
    {
        var release = await RolledOutAsync(Restores);

        var planned = await new RollbackStarter(release.Ports(), new SilentReporter()).PlanAsync(await release.WindowAsync());

        planned.Steps[0].ShouldStartWith("settings: restored from the backup of ");
        Settings(release).ShouldBe("new");
    }

    [Fact]
    public async Task An_order_to_restore_them_once_it_went_back_without_is_refused_with_the_command_that_does()
    {
        var release = await RolledOutAsync("When = 'Automatic'");
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        var refused = await Errors.OfAsync(
            async () => await new RollbackStarter(release.Ports(), new SilentReporter()) { Configuration = ConfigurationRollback.Restore }.RunAsync(await release.WindowAsync(), "they are wrong", CancellationToken.None), "RolledBackOtherwise");

        refused.Message.ShouldContain("by -Configuration Keep and not by -Configuration Restore.");
        refused.Command.ShouldBe($"Restore-DeploymentBackup '{Path.Combine(release.Folder, "backups", "settings-1.tar")}' -Plan '{release.PlanPath}'");
    }

    [Fact]
    public async Task An_order_to_keep_them_once_they_were_restored_is_refused()
    {
        var release = await RolledOutAsync(Restores);
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        await Errors.OfAsync(
            async () => await new RollbackStarter(release.Ports(), new SilentReporter()) { Configuration = ConfigurationRollback.Keep }.RunAsync(await release.WindowAsync(), "they were right", CancellationToken.None), "RolledBackOtherwise");
    }

    [Fact]
    public async Task Where_the_plan_keeps_them_they_stay()
    {
        var release = await RolledOutAsync("When = 'Automatic'");

        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        Settings(release).ShouldBe("new");
    }

    [Fact]
    public async Task Where_the_release_began_nothing_what_somebody_else_changed_stays()
    {
        var release = await PreparedAsync(Restores);
        release.Write("settings/app.json", "new");

        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        Settings(release).ShouldBe("new");
    }

    [Fact]
    public async Task A_setting_that_cannot_be_read_keeps_no_traffic_from_going_back_and_is_replaced()
    {
        var release = await RolledOutAsync(Restores);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(release.Root, "settings/control.sock")));

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        Settings(release).ShouldBe("old");
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
    }

    [Fact]
    public async Task Settings_whose_backup_is_lost_can_be_left_as_they_are()
    {
        var release = await RolledOutAsync(Restores);
        Directory.Delete(Path.Combine(release.Folder, "backups"), recursive: true);

        var (_, failed) = await release.GoBackToldAsync();
        var kept = await new RollbackStarter(release.Ports(), new SilentReporter()) { Configuration = ConfigurationRollback.Keep }.RunAsync(await release.WindowAsync(), "users complain", CancellationToken.None);

        failed!.Command.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Configuration Keep");
        kept.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        Settings(release).ShouldBe("new");
    }

    [Fact]
    public async Task Settings_that_were_never_backed_up_are_told_and_keep_no_traffic_from_going_back()
    {
        var release = opened = await Release.OpenAsync(Restores, more: "Configuration = @( @{ Name = 'settings'; Path = 'settings' } )", files: ("settings/app.json", "old"));
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();

        var planned = await new RollbackStarter(release.Ports(), new SilentReporter()).PlanAsync(await release.WindowAsync());
        var result = await release.GoBackAsync();

        planned.Steps[0].ShouldBe("settings: stays, since there is no proven backup of it");
        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
    }

    [Fact]
    public async Task What_keeps_settings_from_being_restored_keeps_no_traffic_from_going_back()
    {
        var release = await RolledOutAsync(Restores);
        foreach (var archive in Directory.EnumerateFiles(Path.Combine(release.Folder, "backups"), "settings-*.tar"))
        {
            File.Delete(archive);
        }

        var (result, error) = await release.GoBackToldAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        error!.Message.ShouldContain("settings-1.tar is gone");
        (release.Shop.Blue.Weight, release.Shop.Green.Weight).ShouldBe((100, 0));
        release.Shop.Green.Version.ShouldBeNull();
    }

    [Theory]
    [InlineData(ConfigurationRollback.Keep, "new")]
    [InlineData(ConfigurationRollback.Restore, "old")]
    public async Task Killed_while_they_were_moved_away_they_are_there_again_whatever_is_done_with_them_now(ConfigurationRollback way, string expected)
    {
        var release = await RolledOutAsync(Restores);
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, "settings: restored from the backup")
        {
            Phase = DeploymentPhase.Rollback,
            Target = "restore-configuration/settings",
            Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
        });
        Directory.Move(Path.Combine(release.Root, "settings"), Path.Combine(release.Root, "settings.deployops-previous"));

        var back = await new RollbackStarter(release.Ports(), new SilentReporter()) { Configuration = way }.RunAsync(await release.WindowAsync(), "users complain", CancellationToken.None);

        back.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, back.Result.Summary);
        Settings(release).ShouldBe(expected);
        Directory.Exists(Path.Combine(release.Root, "settings.deployops-previous")).ShouldBeFalse();
    }

    [Fact]
    public async Task Killed_when_the_old_ones_were_in_their_place_what_was_moved_away_goes()
    {
        var release = await RolledOutAsync(Restores);
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, "settings: restored from the backup")
        {
            Phase = DeploymentPhase.Rollback,
            Target = "restore-configuration/settings",
            Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
        });
        Directory.Move(Path.Combine(release.Root, "settings"), Path.Combine(release.Root, "settings.deployops-previous"));
        release.Write("settings/app.json", "old");

        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        Settings(release).ShouldBe("old");
        Directory.Exists(Path.Combine(release.Root, "settings.deployops-previous")).ShouldBeFalse();
    }

    public void Dispose() => opened?.Dispose();

    private static string Settings(Release release) => File.ReadAllText(Path.Combine(release.Root, "settings/app.json"));

    private async Task<Release> PreparedAsync(string rollback)
    {
        opened = await Release.OpenAsync(rollback, more: "Configuration = @( @{ Name = 'settings'; Path = 'settings' } )", prepared: false, files: ("settings/app.json", "old"));
        (await opened.RunAsync(new PreparationPhase())).Error.ShouldBeNull();
        return opened;
    }

    private async Task<Release> RolledOutAsync(string rollback)
    {
        var release = await PreparedAsync(rollback);
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
        release.Write("settings/app.json", "new");
        release.Shop.Forget();
        return release;
    }
}
