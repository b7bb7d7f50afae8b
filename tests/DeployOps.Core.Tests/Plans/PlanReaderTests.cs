using System.Text.RegularExpressions;
using CsCheck;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Notices;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Tests.Shared;

namespace DeployOps.Plans;

public sealed class PlanReaderTests : IDisposable
{
    private static readonly string[] Values =
    [
        "7", "-1", "0.5", "1e999", "9223372036854775807", "$null", "$true", "''", "' '", "'x'", "'env:NO'", "'file:'", "'file:/'", "'secret:x'", "'\0'",
        "'*'", "'*/*'", "'//'", "'..'", "'C:\\x'", "'http://'", "'http://[::1'", "'https://a:b@c/?d#e'", "'99:99:99'", "'-1.00:00:00'", "'=;='", "'a=\"b'",
        "@{ }", "@( )", "@( @( ) )", "@( @{ } 'x' 7 )", "@{ Name = 'x' }", "'migrations'", "'Rate'", "'Quantile'", "'state/edge.json'",
    ];

    private static readonly string[] Keys =
    [
        "Service", "Rollout", "Databases", "Health", "Name", "Kind", "Uri", "Instances", "Smoke", "Files", "Limit", "BaselineRatio", "Duration", "Interval",
        "Consecutive", "Counter", "Histogram", "Notices", "Nmae", "service", "x",
    ];

    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sources_of_incidents_are_read_with_what_their_kind_needs()
    {
        folder.Set("GITHUB", "token-of-the-team");
        var plan = folder.Read(WithIncidents("@{ Kind = 'File'; Path = 'share/freeze.json' }, @{ Kind = 'GitHub'; Repository = 'example/shop'; Label = 'sev 1'; Token = 'env:GITHUB'; Uri = 'https://git.example.org' }")).Require();

        var (file, github) = (plan.Health.Incidents[0], plan.Health.Incidents[1]);
        (file.Path, file.Name).ShouldBe((Path.Combine(folder.Folder, "share", "freeze.json"), "freeze.json"));
        (github.Repository, github.Label, github.Token, github.Uri.Host, github.Name).ShouldBe(("example/shop", "sev 1", "token-of-the-team", "git.example.org", "example/shop (sev 1)"));
        folder.Redactor.Redact("it is token-of-the-team").ShouldBe("it is ***");
    }

    [Fact]
    public void Channels_are_read_with_what_their_kind_needs()
    {
        folder.Set("HOOK", "https://hooks.example.org/services/T0000/token-in-the-path");
        folder.Set("SIGN", "shared-secret");
        folder.Set("MAIL", "mail-password");
        var plan = folder.Read(WithNotices("""
            @{ Kind = 'Webhook'; Format = 'Slack'; Uri = 'env:HOOK'; Secret = 'env:SIGN'; Audience = @( 'Team' 'Stakeholders' ) }
            @{ Name = 'the boss'; Kind = 'Mail'; Server = 'smtp.example.org'; From = 'releases@example.org'; To = 'boss@example.org'; User = 'me'; Password = 'env:MAIL'; Audience = 'stakeholders' }
            """)).Require();

        var (hook, mail) = (plan.Notices[0], plan.Notices[1]);
        (hook.Name, hook.Format, hook.Secret, hook.Uri!.Host).ShouldBe(("Webhook", WebhookFormat.Slack, "shared-secret", "hooks.example.org"));
        hook.Audience.ShouldBe([NoticeAudience.Team, NoticeAudience.Stakeholders]);
        (mail.Name, mail.Mail!.Port, mail.Mail.Security, mail.Mail.User, mail.Mail.Password).ShouldBe(("the boss", 587, MailSecurity.StartTls, "me", "mail-password"));
        (mail.Audience.Single(), mail.Mail.To.Single()).ShouldBe((NoticeAudience.Stakeholders, "boss@example.org"));
        folder.Redactor.Redact("shared-secret mail-password token-in-the-path").ShouldBe("*** *** ***");
    }

    [Theory]
    [InlineData("@{ Kind = 'Pigeon' }", "plan.psd1:4:22 Notices[0].Kind 'Pigeon' is not supported by this version of DeployOps, which knows Webhook, Mail or GitHub.")]
    [InlineData("@{ Kind = 'Webhook' }", "plan.psd1:4:12 Notices[0].Uri is missing.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/'; Port = 25 }", "plan.psd1:4:59 Notices[0].Port does not belong to Kind 'Webhook', which knows Uri, Format or Secret.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/'; Format = 'Fax' }", "plan.psd1:4:61 Notices[0].Format 'Fax': expected Json, Slack or Teams.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/'; Secret = 'written-out' }", "plan.psd1:4:61 Notices[0].Secret stands in the plan itself: expected a reference, such as 'env:NAME', 'file:PATH' or 'secret:NAME'.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/'; Audience = 'Everybody' }", "plan.psd1:4:63 Notices[0].Audience[0] 'Everybody': expected Team or Stakeholders.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/'; Audience = @( ) }", "plan.psd1:4:63 Notices[0].Audience is a list: expected at least one.")]
    [InlineData("@{ Kind = 'Webhook'; Uri = 'http://a/' }; @{ Kind = 'Webhook'; Uri = 'http://b/'; Name = 'b' }; @{ Name = 'B'; Kind = 'Webhook'; Uri = 'http://c/' }", "plan.psd1:4:118 Notices[2].Name 'B': is already Notices[1].Name.")]
    [InlineData("@{ Kind = 'GitHub'; Repository = 'example/shop' }", "plan.psd1:4:12 Notices[0].Token is missing: nobody writes deployments unnamed.")]
    [InlineData("@{ Kind = 'Mail'; Server = 'smtp'; From = 'a@b.c'; To = 'x' }", "plan.psd1:4:68 Notices[0].To[0] 'x': expected a mail address, such as 'releases@example.org'.")]
    [InlineData("@{ Kind = 'Mail'; Server = 'smtp:25'; From = 'a@b.c'; To = 'd@e.f' }", "plan.psd1:4:39 Notices[0].Server 'smtp:25': expected the name or address of a machine.")]
    [InlineData("@{ Kind = 'Mail'; Server = 'smtp'; From = 'A <a@b.c>'; To = 'd@e.f' }", "plan.psd1:4:54 Notices[0].From 'A <a@b.c>': expected a mail address, such as 'releases@example.org'.")]
    [InlineData("@{ Kind = 'Mail'; Server = 'smtp'; From = 'a@b.c'; To = 'd@e.f'; User = 'me' }", "plan.psd1:4:12 Notices[0].Password is missing: User and Password go together.")]
    public void A_mistake_in_a_channel_is_told_at_its_place(string channels, string expected) => folder.Errors(WithNotices(channels)).ShouldBe([expected]);

    [Fact]
    public void Two_channels_of_one_kind_need_a_name_each() =>
        folder.Errors(WithNotices("@{ Kind = 'Webhook'; Uri = 'http://a/' }; @{ Kind = 'Webhook'; Uri = 'http://b/' }")).ShouldBe(
            ["plan.psd1:4:12 Notices[0].Name is missing: Webhook is the kind of more than one channel.", "plan.psd1:4:54 Notices[1].Name is missing: Webhook is the kind of more than one channel."]);

    [Theory]
    [InlineData("@{ Kind = 'Pager' }", "plan.psd1:5:61 Health.Incidents[0].Kind 'Pager' is not supported by this version of DeployOps, which knows File or GitHub.")]
    [InlineData("@{ Kind = 'File' }", "plan.psd1:5:51 Health.Incidents[0].Path is missing.")]
    [InlineData("@{ Kind = 'File'; Path = 'share/' }", "plan.psd1:5:76 Health.Incidents[0].Path 'share/': expected the path of a file.")]
    [InlineData("@{ Kind = 'File'; Path = 'f'; Label = 'x' }", "plan.psd1:5:89 Health.Incidents[0].Label does not belong to Kind 'File', which knows Path.")]
    [InlineData("@{ Kind = 'GitHub' }", "plan.psd1:5:51 Health.Incidents[0].Repository is missing.")]
    [InlineData("@{ Kind = 'GitHub'; Repository = 'shop' }", "plan.psd1:5:84 Health.Incidents[0].Repository 'shop': expected owner/name.")]
    [InlineData("@{ Kind = 'GitHub'; Repository = 'a/b'; Path = 'f' }", "plan.psd1:5:98 Health.Incidents[0].Path does not belong to Kind 'GitHub', which knows Repository, Label, Token or Uri.")]
    [InlineData("@{ Kind = 'GitHub'; Repository = 'a/b'; Token = 'written-out' }", "plan.psd1:5:99 Health.Incidents[0].Token stands in the plan itself: expected a reference, such as 'env:NAME', 'file:PATH' or 'secret:NAME'.")]
    public void A_mistake_in_a_source_of_incidents_is_told_at_its_place(string source, string expected) => folder.Errors(WithIncidents(source)).ShouldBe([expected]);

    [Theory]
    [InlineData("Automatic", "Restore", true)]
    [InlineData("Ask", "Restore", true)]
    [InlineData("Never", "Restore", false)]
    [InlineData("Automatic", "Keep", false)]
    public void That_a_restore_by_itself_may_have_to_wait_for_a_person_is_said_when_the_plan_is_read(string when, string database, bool isSaid)
    {
        var reading = folder.Read(PlanFolder.Whole.Replace("When = 'Automatic'; Database = 'Keep'", $"When = '{when}'; Database = '{database}'", StringComparison.Ordinal));

        reading.Errors.ShouldBeEmpty();
        reading.Warnings.Select(warning => warning.Key).ShouldBe(isSaid ? ["Rollback.Database"] : []);
    }

    [Fact]
    public void The_whole_plan_becomes_specs_with_full_paths()
    {
        var plan = folder.Read(PlanFolder.Whole).Require();

        plan.Service.ShouldBe("shop");
        plan.Runbook.ShouldBe(Path.Combine(folder.Folder, "release.ps1"));
        plan.Team.Lead.ShouldBe("release-lead");
        plan.Health.Probes.ShouldHaveSingleItem().Consecutive.ShouldBe(3);
        plan.Databases.ShouldHaveSingleItem().Migrations.ShouldBe(Path.Combine(folder.Folder, "migrations"));
        plan.Databases[0].BaseFolder.ShouldBe(folder.Folder);
        plan.Rollout.ShouldNotBeNull().Strategy.ShouldBe(RolloutStrategy.BlueGreen);
        plan.Rollout.DrainTimeout.ShouldBe(TimeSpan.FromSeconds(30));
        plan.Rollout.DeployTimeout.ShouldBe(TimeSpan.FromMinutes(5));
        plan.Rollout.Router.Uri.ShouldBe(new Uri("http://127.0.0.1:8080"));
        plan.Rollout.Instances.Select(instance => instance.Name).ShouldBe(["blue-1", "green-1"]);
        plan.Smoke.ShouldBe([Path.Combine(folder.Folder, "smoke/a.hurl"), Path.Combine(folder.Folder, "smoke/b.hurl")]);
        plan.Monitoring.ShouldNotBeNull().Metrics.ShouldHaveSingleItem().Measure.ShouldBe(MetricMeasure.Ratio);
        plan.Files.ShouldBe([Path.Combine(folder.Folder, "settings/one.json")]);
    }

    [Fact]
    public void A_rolling_rollout_needs_no_pools()
    {
        var text = PlanFolder.Whole.Replace("'BlueGreen'", "'Rolling'", StringComparison.Ordinal).Replace("Pool = 'blue'; ", "", StringComparison.Ordinal).Replace("Pool = 'green'; ", "", StringComparison.Ordinal);

        var rollout = folder.Read(text).Require().Rollout.ShouldNotBeNull();

        rollout.Strategy.ShouldBe(RolloutStrategy.Rolling);
        rollout.Batch.ShouldBe(1);
        rollout.Instances.ShouldAllBe(instance => instance.Pool == "");
    }

    [Fact]
    public void What_the_plan_leaves_out_has_its_usual_value()
    {
        var plan = folder.Read(PlanFolder.Small).Require();

        plan.Window.Duration.ShouldBe(TimeSpan.FromHours(2));
        plan.Rollout.ShouldBeNull();
        plan.Monitoring.ShouldBeNull();
        plan.Databases.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("Limits = @{ MaxBlocked = 5 }", false, false)]
    [InlineData("Limits = @{ LongTransaction = '00:00:30' }", true, false)]
    [InlineData("Limits = @{ MinFreeDisk = 0.05 }", false, true)]
    public void Limits_that_the_plan_says_itself_are_told_from_their_defaults(string limits, bool transactions, bool disk)
    {
        var text = PlanFolder.Whole.Replace("'Sqlite'; ConnectionString = 'Data Source=state/shop.db'", $"'PostgreSql'; {limits}; ConnectionString = 'Host=db1;Database=shop'", StringComparison.Ordinal);

        var bound = folder.Read(text).Require().Databases[0].Limits;

        (bound.MustKnowTransactions, bound.MustKnowDisk).ShouldBe((transactions, disk));
        (bound.LongTransaction, bound.MinFreeDisk).ShouldBe((TimeSpan.FromSeconds(30), 0.05));
    }

    [Theory]
    [InlineData("Sqlite", RehearsalExtent.Full)]
    [InlineData("PostgreSql", RehearsalExtent.Full)]
    [InlineData("MariaDb", RehearsalExtent.Full)]
    public void A_migration_is_rehearsed_unless_the_plan_says_otherwise(string kind, RehearsalExtent expected)
    {
        var text = PlanFolder.Whole.Replace("'Sqlite'", $"'{kind}'", StringComparison.Ordinal);

        folder.Read(text).Require().Databases[0].Rehearsal.ShouldBe(expected);
        folder.Read(text.Replace($"'{kind}'", $"'{kind}'; Rehearsal = 'Full'", StringComparison.Ordinal)).Require().Databases[0].Rehearsal.ShouldBe(RehearsalExtent.Full);
        folder.Read(text.Replace($"'{kind}'", $"'{kind}'; Rehearsal = 'None'", StringComparison.Ordinal)).Require().Databases[0].Rehearsal.ShouldBe(RehearsalExtent.None);
    }

    [Theory]
    [InlineData("'BlueGreen'", "'BlueGren'", "plan.psd1:8:29 Rollout.Strategy 'BlueGren': expected BlueGreen or Rolling. Did you mean 'BlueGreen'?")]
    [InlineData("'BlueGreen'", "'Canary'", "plan.psd1:8:29 Rollout.Strategy 'Canary' is not supported by this version of DeployOps, which knows BlueGreen or Rolling.")]
    [InlineData("'BlueGreen'", "'Recreate'", "plan.psd1:8:29 Rollout.Strategy 'Recreate' is not supported by this version of DeployOps, which knows BlueGreen or Rolling.")]
    [InlineData("'BlueGreen'", "'Sideways'", "plan.psd1:8:29 Rollout.Strategy 'Sideways': expected BlueGreen or Rolling.")]
    [InlineData("'BlueGreen'", "'BlueGreen'; Batch = 1", "plan.psd1:8:50 Rollout.Batch does not belong to Strategy 'BlueGreen', which moves all traffic at once.")]
    [InlineData("'BlueGreen'", "'Rolling'; Batch = 2", "plan.psd1:8:48 Rollout.Batch a batch of 2 out of 2 would leave no instance that serves: expected more instances than a batch has.")]
    [InlineData("'BlueGreen'", "'Rolling'; Batch = 0", "plan.psd1:8:48 Rollout.Batch '0': expected a whole number from 1 to 1000.")]
    [InlineData("'BlueGreen'", "7", "plan.psd1:8:29 Rollout.Strategy '7': expected a text in quotes.")]
    [InlineData("'Sqlite'", "'SqlServer'", "plan.psd1:6:45 Databases[0].Kind 'SqlServer' is not supported by this version of DeployOps, which knows Sqlite, PostgreSql or MariaDb.")]
    [InlineData("'Sqlite'", "'Sqlit'", "plan.psd1:6:45 Databases[0].Kind 'Sqlit': expected Sqlite, PostgreSql or MariaDb. Did you mean 'Sqlite'?")]
    [InlineData("'Yarp'", "'HaProxy'", "plan.psd1:9:37 Rollout.Router.Kind 'HaProxy' is not supported by this version of DeployOps, which knows Yarp.")]
    [InlineData("'Scrape'", "'Prometheus'", "plan.psd1:15:64 Monitoring.Metrics[0].Kind 'Prometheus' is not supported by this version of DeployOps, which knows Scrape or Sql.")]
    [InlineData("Service = 'shop'", "Service = 'shop/../x'", "plan.psd1:2:15 Service 'shop/../x': expected at most 64 letters, digits, '.', '_', '-', beginning with a letter or digit.")]
    [InlineData("Service = 'shop'", "Service = ''", "plan.psd1:2:15 Service '': expected a text that is not empty.")]
    [InlineData("Service = 'shop'; ", "", "plan.psd1:1:1 Service is missing.")]
    [InlineData("Service = 'shop'", "Service = 'env:NAME'", "plan.psd1:2:15 Service 'env:NAME': a reference is not allowed here: the approval covers this value, so it stands in the plan itself.")]
    [InlineData("'02:00:00'", "'2 hours'", "plan.psd1:4:29 Window.Duration '2 hours': expected a time span as 'hh:mm:ss' or 'd.hh:mm:ss'.")]
    [InlineData("'02:00:00'", "'5'", "plan.psd1:4:29 Window.Duration '5': expected a time span as 'hh:mm:ss' or 'd.hh:mm:ss'.")]
    [InlineData("'02:00:00'", "'25:00:00'", "plan.psd1:4:29 Window.Duration '25:00:00': expected a time span as 'hh:mm:ss' or 'd.hh:mm:ss'.")]
    [InlineData("'02:00:00'", "'8.00:00:00'", "plan.psd1:4:29 Window.Duration '8.00:00:00': expected 00:00:00.0010000 to 7.00:00:00.")]
    [InlineData("Consecutive = 3", "Consecutive = 0", "plan.psd1:5:101 Health.Probes[0].Consecutive '0': expected a whole number from 1 to 100.")]
    [InlineData("Consecutive = 3", "Consecutive = '3'", "plan.psd1:5:101 Health.Probes[0].Consecutive '3': expected a whole number from 1 to 100.")]
    [InlineData("'http://127.0.0.1:8080/healthz'", "'ftp://127.0.0.1'", "plan.psd1:5:54 Health.Probes[0].Uri 'ftp://127.0.0.1': expected an absolute address with http or https.")]
    [InlineData("'http://127.0.0.1:8080/healthz'", "'/healthz'", "plan.psd1:5:54 Health.Probes[0].Uri '/healthz': expected an absolute address with http or https.")]
    [InlineData("'green-1'", "'Blue-1'", "plan.psd1:11:43 Rollout.Instances[1].Name 'Blue-1': is already Rollout.Instances[0].Name.")]
    [InlineData("'http://127.0.0.1:8102'", "'http://127.0.0.1:8101/'", "plan.psd1:11:76 Rollout.Instances[1].Uri 'http://127.0.0.1:8101/': is already Rollout.Instances[0].Uri.")]
    [InlineData("'green'", "'blue'", "plan.psd1:10:30 Rollout.Instances have one pool (blue): BlueGreen needs exactly two pools with at least one instance each.")]
    [InlineData("; Uri = 'http://127.0.0.1:8080' }", " }", "plan.psd1:9:27 Rollout.Router.Uri is missing.")]
    [InlineData("'/version'", "'version'", "plan.psd1:12:49 Rollout.Version 'version': expected a path that begins with one '/' and has no spaces.")]
    [InlineData("'release.ps1'", "'relaese.ps1'", "plan.psd1:2:80 Runbook 'relaese.ps1': there is no such file; relative paths start at the plan.")]
    [InlineData("'validations'", "'nowhere'", "plan.psd1:7:64 Databases[0].Validations 'nowhere': there is no such folder; relative paths start at the plan.")]
    [InlineData("'smoke/*.hurl'", "'smoke/*.curl'", "plan.psd1:13:18 Smoke[0] 'smoke/*.curl': no file matches; relative paths start at the plan.")]
    [InlineData("'smoke/*.hurl'", "'smoke'", "plan.psd1:13:18 Smoke[0] 'smoke': is a folder; name its files, such as 'folder/*'.")]
    [InlineData("'smoke/*.hurl'", "7", "plan.psd1:13:18 Smoke[0] '7': expected a file's path or a pattern in quotes.")]
    [InlineData("@{ Duration = '02:00:00' }", "'02:00:00'", "plan.psd1:4:15 Window '02:00:00': expected a table, @{ … }.")]
    [InlineData("'Keep'", "'Kep'", "plan.psd1:17:50 Rollback.Database 'Kep': expected Keep, Down or Restore. Did you mean 'Keep'?")]
    [InlineData("; Denominator = 'all'", "", "plan.psd1:15:34 Monitoring.Metrics[0].Denominator is missing: Measure 'Ratio' needs Numerator and Denominator.")]
    [InlineData("; Denominator = 'all'", "; Denominator = 'all'; Counter = 'x'", "plan.psd1:16:109 Monitoring.Metrics[0].Counter does not belong to Measure 'Ratio', which needs Numerator and Denominator.")]
    [InlineData("Baseline = '00:10:00'", "Baseline = '00:00:00'; BaselineRatio = 2", "plan.psd1:14:90 Monitoring.BaselineRatio is not a known key: expected Duration, Interval, Baseline, Looks, Metrics or Logs.")]
    [InlineData("'00:01:00'", "'02:00:00'", "plan.psd1:14:55 Monitoring.Interval '02:00:00': expected 00:00:00.1000000 to 01:00:00.")]
    [InlineData("'Data Source=state/shop.db'", "'Data Source=state/shop.db'; Scratch = 'Host=db2;Database=postgres'", "plan.psd1:6:113 Databases[0].Scratch does not belong to Kind 'Sqlite', whose backups are restored beside it.")]
    [InlineData("'Sqlite'; ConnectionString = 'Data Source=state/shop.db'", "'PostgreSql'; ConnectionString = 'Host=db1;Database=shop'; Scratch = 'db2'", "plan.psd1:6:114 Databases[0].Scratch is no connection string: expected 'Name=value;Name=value'.")]
    [InlineData("'Data Source=state/shop.db'", "'state/shop.db'", "plan.psd1:6:74 Databases[0].ConnectionString is no connection string: expected 'Name=value;Name=value'.")]
    public void A_mistake_is_told_at_its_place(string right, string wrong, string expected)
    {
        PlanFolder.Whole.ShouldContain(right);
        var at = PlanFolder.Whole.IndexOf(right, StringComparison.Ordinal);
        var text = string.Concat(PlanFolder.Whole.AsSpan(0, at), wrong, PlanFolder.Whole.AsSpan(at + right.Length));

        folder.Errors(text).ShouldBe([expected]);
    }

    [Theory]
    [InlineData("Limit = 'x'", "Limit 'x': expected a number.")]
    [InlineData("Limit = 1; Minimum = 2", "Minimum is more than Limit, so no value is allowed.")]
    [InlineData("Quantile = 1", "Quantile '1': expected a number more than 0 and less than 1.")]
    [InlineData("Margin = -1", "Margin '-1': expected a number of 0 or more.")]
    [InlineData("MinimumCount = -0.5", "MinimumCount '-0.5': expected a number of 0 or more.")]
    [InlineData("BaselineRatio = 0", "BaselineRatio '0': expected a number more than 0.")]
    public void A_metrics_numbers_have_ranges(string keys, string expected)
    {
        var text = PlanFolder.Whole.Replace("; Denominator = 'all'", $"; Denominator = 'all'; {keys}", StringComparison.Ordinal);

        folder.Errors(text).ShouldHaveSingleItem().ShouldEndWith($"Monitoring.Metrics[0].{expected}");
    }

    [Theory]
    [InlineData("failed{", "expected the name of a label")]
    [InlineData("failed{code=~\"(\"}", "the pattern cannot be used")]
    [InlineData("5xx", "expected the name of a series")]
    public void A_series_that_nobody_can_select_is_told_when_the_plan_is_tested(string selector, string expected)
    {
        var text = PlanFolder.Whole.Replace("Numerator = 'failed'", $"Numerator = '{selector}'", StringComparison.Ordinal);

        var error = folder.Errors(text).ShouldHaveSingleItem();

        error.ShouldStartWith($"plan.psd1:16:68 Monitoring.Metrics[0].Numerator '{selector}': ");
        error.ShouldContain(expected);
    }

    [Fact]
    public void A_rate_is_compared_downwards()
    {
        var text = PlanFolder.Whole.Replace(
            "Measure = 'Ratio'; Numerator = 'failed'; Denominator = 'all'",
            "Measure = 'Rate'; Counter = 'all'; BaselineRatio = 2",
            StringComparison.Ordinal);

        folder.Errors(text).ShouldHaveSingleItem().ShouldContain("BaselineRatio '2': expected a number more than 0 and less than 1");
    }

    [Fact]
    public void A_comparison_needs_a_baseline()
    {
        var text = PlanFolder.Whole
            .Replace("'00:10:00'", "'00:00:00'", StringComparison.Ordinal)
            .Replace("; Denominator = 'all'", "; Denominator = 'all'; BaselineRatio = 2", StringComparison.Ordinal);

        folder.Errors(text).ShouldHaveSingleItem().ShouldContain("BaselineRatio compares with a baseline, but Monitoring.Baseline is 0");
    }

    [Theory]
    [InlineData("Databasses = @( )", "plan.psd1:1:4 Databasses is not a known key. Did you mean 'Databases'?")]
    [InlineData("Zzz = 1", "plan.psd1:1:4 Zzz is not a known key: expected Service, Environment, Release, Runbook, Team, Notices, Window, Health, Databases, Configuration, Rollout, Smoke, Monitoring, ExtendedMonitoring, Rollback or Files.")]
    public void What_is_not_built_reads_unlike_a_typo(string entry, string expected)
        => folder.Errors(PlanFolder.Small.Replace("@{ ", $"@{{ {entry}; ", StringComparison.Ordinal)).ShouldBe([expected]);

    public static TheoryData<string> KnownKeys => [.. new[]
    {
        "Service", "Environment", "Release", "Runbook", "Team", "Notices", "Window", "Health", "Databases", "Rollout", "Smoke", "Monitoring", "Rollback", "Files",
    }];

    [Theory]
    [MemberData(nameof(KnownKeys))]
    public void Every_key_with_two_letters_swapped_is_suggested(string key)
    {
        var typo = $"{key[0]}{key[2]}{key[1]}{key[3..]}";

        folder.Errors(PlanFolder.Small.Replace("@{ ", $"@{{ {typo} = 1; ", StringComparison.Ordinal))
            .ShouldBe([$"plan.psd1:1:4 {typo} is not a known key. Did you mean '{key}'?"]);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_the_text()
    {
        var reading = folder.Read("@{ Rollback = @{ When = 'Now' }\n Service = 7\n Environment = 'a b' }");

        reading.Plan.ShouldBeNull();
        reading.Errors.Select(error => (error.Line, error.Key)).ShouldBe([(1, "Release"), (1, "Rollback.When"), (2, "Service"), (3, "Environment")]);
        var error = Should.Throw<DeployOpsException>(() => reading.Require());
        error.ErrorId.ShouldBe("PlanInvalid");
        reading.Errors.ShouldAllBe(mistake => error.Message.Contains(Environment.NewLine + mistake, StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_and_words_count_in_any_case()
    {
        var plan = folder.Read(PlanFolder.Whole.Replace("Strategy = 'BlueGreen'", "strategy = 'bluegreen'", StringComparison.Ordinal)).Require();

        plan.Rollout!.Strategy.ShouldBe(RolloutStrategy.BlueGreen);
    }

    [Fact]
    public void A_single_table_counts_as_a_list_of_one()
    {
        var plan = folder.Read(PlanFolder.Small.Replace("@{ ", "@{ Databases = @{ Name = 'a'; Kind = 'sqlite'; ConnectionString = 'Data Source=a' }; ", StringComparison.Ordinal)).Require();

        plan.Databases.ShouldHaveSingleItem().Kind.ShouldBe("Sqlite");
    }

    [Fact]
    public void A_missing_plan_is_told_by_its_path()
        => Should.Throw<DeployOpsException>(() => Reader().Read(folder.PlanPath)).ErrorId.ShouldBe("PlanNotFound");

    [Fact]
    public void A_folder_is_no_plan()
        => Should.Throw<DeployOpsException>(() => Reader().Read(folder.Folder)).ErrorId.ShouldBe("PlanUnreadable");

    [Fact]
    public void A_plan_that_is_no_text_is_unreadable()
    {
        File.WriteAllBytes(folder.PlanPath, [0x40, 0x7B, 0xC3, 0x28]);

        Should.Throw<DeployOpsException>(() => Reader().Read(folder.PlanPath)).ErrorId.ShouldBe("PlanUnreadable");
    }

    [Theory]
    [InlineData(PlanReader.MaximumSize, null)]
    [InlineData(PlanReader.MaximumSize + 1, "PlanTooLarge")]
    public void A_plan_has_at_most_one_mebibyte(int size, string? id)
    {
        File.WriteAllText(folder.PlanPath, PlanFolder.Small.PadRight(size));

        if (id is null)
        {
            Reader().Read(folder.PlanPath).Errors.ShouldBeEmpty();
        }
        else
        {
            Should.Throw<DeployOpsException>(() => Reader().Read(folder.PlanPath)).ErrorId.ShouldBe(id);
        }
    }

    [Fact]
    public void Whatever_is_done_to_a_plan_it_is_read_or_has_mistakes()
    {
        // Values and keys change places with others, so that the text stays data and the binder sees all of it.
        var tokens = Regex.Split(PlanFolder.Whole, @"('[^']*'|[A-Za-z]+)");
        var mutation = Gen.Select(Gen.Int[0, (tokens.Length / 2) - 1], Gen.Int[0, Values.Length - 1], Gen.Int[0, Keys.Length - 1]);

        Property.Holds(
            mutation.Array[1, 4],
            mutations =>
            {
                var mutated = tokens.ToArray();
                foreach (var (token, value, key) in mutations)
                {
                    var at = (2 * token) + 1;
                    mutated[at] = tokens[at].StartsWith('\'') ? Values[value] : Keys[key];
                }

                var reading = folder.Read(string.Concat(mutated));

                return (reading.Plan is null) == (reading.Errors.Count > 0)
                    && reading.Errors.All(error => error.Line > 0 && error.Column > 0 && error.Message != "is no plan.");
            });
    }

    private PlanReader Reader() => new(new SmallSyntax(), new Secrets.SecretSource(), folder.Redactor);

    private static string WithNotices(string channels) =>
        PlanFolder.Whole.Replace("    Window  = @{ Duration = '02:00:00' }", $"Notices=@( {channels} )", StringComparison.Ordinal);

    private static string WithIncidents(string sources) =>
        PlanFolder.Whole.Replace("Health  = @{ Probes = @( @{ Name = 'edge'; Uri = 'http://127.0.0.1:8080/healthz'; Consecutive = 3 } ) }", $"Health  = @{{                   Incidents = @( {sources} ) }}", StringComparison.Ordinal);
}
