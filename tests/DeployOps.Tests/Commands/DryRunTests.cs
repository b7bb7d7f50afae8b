using System.Collections;
using System.Management.Automation;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>-WhatIf runs the real planner and changes nothing: no file, no database, no traffic, and no request but to read. -Confirm shows the change.</summary>
[Collection(EngineCollection.Name)]
public sealed class DryRunTests : IDisposable
{
    private readonly RecordingHost _host = new("No");
    private readonly EngineHost _engine;
    private readonly ShopRelease _release;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public DryRunTests()
    {
        _engine = new EngineHost(_host);
        _release = new ShopRelease(_engine);
    }

    public void Dispose()
    {
        _release.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void The_whole_pipe_says_what_each_phase_would_do()
    {
        _release.Plans.Approve(_engine);

        var planned = Dry("""
            Start-DeploymentWindow $Plan -WhatIf -OutVariable window | Invoke-DbMigration -WhatIf -OutVariable migration | Invoke-Rollout -WhatIf -OutVariable rollout |
                Test-Smoke -WhatIf -OutVariable smoke | Watch-DeploymentHealth -WhatIf -OutVariable watch | Complete-DeploymentWindow -WhatIf -OutVariable completion | ForEach-Object { }
            $window; $migration; $rollout; $smoke; $watch; $completion
            """);

        planned.Count.ShouldBe(6);
        ShouldPlanThePreparation(planned[0]);
        ShouldPlanThePhases(planned.Skip(1).ToList());
    }

    [Fact]
    public void Each_phase_of_an_open_window_says_what_it_would_do()
    {
        _release.Plans.Open(_engine);

        var planned = Dry("""
            $WhatIfPreference = $true
            $window = Get-DeploymentWindow
            foreach ($phase in 'Invoke-DbMigration', 'Invoke-Rollout', 'Test-Smoke', 'Watch-DeploymentHealth', 'Complete-DeploymentWindow') { $window | & $phase -Deviation 'only looking' }
            """);

        ShouldPlanThePhases(planned);
        Text(planned[0], "Summary").ShouldContain("; shop rehearsed on the restored backup in ");
        Text(planned[0], "Summary").ShouldEndWith("every script can be taken back; then 1 smoke file on the old version, since going back would keep the schema");
    }

    [Theory]
    [InlineData("Keep", "what was migrated stays", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", "green-1: stopped -> 2.4.0")]
    [InlineData("Down", "by the undo scripts", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", "green-1: stopped -> 2.4.0", "shop: V2_4_0_2__count_to_patience.sql", "shop: V2_4_0_1__add_status.sql")]
    [InlineData("Restore", "rows written since the backup are lost", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", "green-1: stopped -> 2.4.0", "shop: restored from the backup of *")]
    public void A_rollback_says_what_it_would_take_back(string database, string fate, params string[] steps)
    {
        RollOut();

        var planned = Dry($"Get-DeploymentWindow | Invoke-Rollback -Database {database} -WhatIf").ShouldHaveSingleItem();

        Text(planned, "Outcome").ShouldBe("Planned");
        Text(planned, "To").ShouldBe("2.3.0");
        Text(planned, "Database").ShouldBe(database);
        Text(planned, "Summary").ShouldContain(fate);
        var said = Lines(planned, "Steps");
        said.Count.ShouldBe(steps.Length);
        said.Zip(steps).ShouldAllBe(pair => WildcardPattern.Get(pair.Second, WildcardOptions.None).IsMatch(pair.First));
    }

    [Fact]
    public void A_rollback_of_a_migration_that_stays_does_not_say_that_nothing_was_changed()
    {
        _release.Plans.Open(_engine);
        _release.Run("$null = Get-DeploymentWindow | Invoke-DbMigration").Clean();

        var planned = Dry("Get-DeploymentWindow | Invoke-Rollback -WhatIf").ShouldHaveSingleItem();

        Lines(planned, "Steps").ShouldBeEmpty();
        Text(planned, "Summary").ShouldBe("no instance and no traffic was changed; the window ends; database: Keep, what was migrated stays, on which the old version was seen to run before the rollout: 1 smoke tests: 1 passed");
    }

    [Fact]
    public void A_migration_without_a_plan_says_what_it_would_do()
    {
        var planned = Dry($"Invoke-DbMigration -Kind Sqlite -ConnectionString 'Data Source={_release.Plans.PathOf("shop.db")}' -Path '{_release.Plans.PathOf("migrations")}' -Validations '{_release.Plans.PathOf("validations")}' -WhatIf").ShouldHaveSingleItem();

        ShouldPlanTheMigration(planned);
    }

    [Fact]
    public void Smoke_files_without_a_plan_are_listed_and_not_run()
    {
        var planned = Dry($"Test-Smoke '{_release.Plans.PathOf("smoke/checkout.hurl")}' -Variable @{{ host = '{_release.Shop.UriOf("edge")}' }} -WhatIf").ShouldHaveSingleItem();

        ShouldPlanTheSmokeTests(planned);
    }

    [Fact]
    public void What_stands_beside_the_phases_changes_nothing_either()
    {
        var approval = Dry("Approve-DeploymentPlan $Plan -WhatIf").ShouldHaveSingleItem();
        _release.Plans.Open(_engine);
        var report = Dry("Get-DeploymentWindow | Export-DeploymentReport -Path \"$Plan.html\" -WhatIf").ShouldHaveSingleItem();
        var window = Dry("Get-DeploymentWindow | Stop-DeploymentWindow -Reason 'a reason' -WhatIf").ShouldHaveSingleItem();
        var note = Dry("Get-DeploymentWindow | Add-DeploymentNote 'an issue' -WhatIf").ShouldHaveSingleItem();
        var notice = Dry("Get-DeploymentWindow | Send-DeploymentNotice 'a word' -WhatIf").ShouldHaveSingleItem();

        Text(approval, "Outcome").ShouldBe("Planned");
        Lines(approval, "Files").Count.ShouldBeGreaterThan(6);
        Text(report, "Outcome").ShouldBe("Planned");
        Text(window, "State").ShouldBe("Open");
        Text(note, "Outcome").ShouldBe("Planned");
        Text(note, "Message").ShouldBe("executor: an issue");
        Text(notice, "Outcome").ShouldBe("Planned");
    }

    [Fact]
    public void A_question_before_whatever_changes_something_shows_the_change()
    {
        ShouldAsk("Approve-DeploymentPlan $Plan -Confirm", "shop 2.4.0 to production", "Approve 9 files with digest");
        _release.Plans.Approve(_engine);
        ShouldAsk("Start-DeploymentWindow $Plan -Confirm", "shop 2.4.0 in production", "Open window shop-2.4.0-1", "probe edge 2 times in a row", "back up shop");
        _release.Plans.Open(_engine);
        ShouldAsk("Get-DeploymentWindow | Invoke-DbMigration -Confirm", "shop: 2.3.0.1 -> 2.4.0.2", "Apply 2 migrations");
        ShouldAsk("Get-DeploymentWindow | Invoke-Rollout -Confirm -Deviation why", "shop in production: 2.3.0 -> 2.4.0", "green-1: stopped -> 2.4.0; traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1");
        ShouldAsk("Get-DeploymentWindow | Test-Smoke -Confirm -Deviation why", "Run 1 smoke files, 2 requests");
        ShouldAsk("Get-DeploymentWindow | Watch-DeploymentHealth -Confirm -Deviation why", "watch 1 metrics every 00:00:00.2000000 for 00:00:01");
        ShouldAsk("Get-DeploymentWindow | Complete-DeploymentWindow -Confirm -Deviation why", "stop 1 old instance: blue-1: 2.3.0 -> stopped");
        ShouldAsk("Get-DeploymentWindow | Stop-DeploymentWindow -Reason why -Confirm", "shop-2.4.0-1 in production", "Stop the window");
        ShouldAsk("Get-DeploymentWindow | Add-DeploymentNote 'cold cache' -Confirm", "Write the note 'cold cache'");
        ShouldAsk("Get-DeploymentWindow | Send-DeploymentNotice 'we wait' -Audience Team, Stakeholders -Confirm", "Team and Stakeholders of shop-2.4.0-1 in production", "Say 'we wait'");
        ShouldAsk("Get-DeploymentWindow | Export-DeploymentReport -Confirm", "report.html", "Write the report of shop-2.4.0-1");
        ShouldAsk("Get-DeploymentWindow | Register-ExtendedMonitoring -Confirm", "shop-2.4.0-1 in production", "Check in every ");
        ShouldAsk("Get-DeploymentWindow | Invoke-ExtendedMonitoring -Confirm", "shop-2.4.0-1 in production", "Check in: would look at everything since ");
        ShouldAsk("Get-DeploymentWindow | Unregister-ExtendedMonitoring -Confirm", "shop-2.4.0-1 in production", "End check-ins: not registered");
        ShouldAskBesideTheWindow();
        _release.Run("$null = Get-DeploymentWindow | Invoke-DbMigration | Invoke-Rollout").Clean();
        ShouldAsk("Get-DeploymentWindow | Invoke-Rollback -Confirm", "back to 2.3.0 in 2 steps", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1; green-1: stopped -> 2.4.0", "database: Keep, what was migrated stays");

        _asked.ShouldBe(CellTable.Cmdlets.Values.Where(cmdlet => cmdlet.SupportsWhatIf).Select(cmdlet => cmdlet.Name), ignoreOrder: true);
    }

    private void ShouldAskBesideTheWindow()
    {
        var backup = _release.Run("(New-DeploymentBackup -Folder ([IO.Path]::GetDirectoryName($Plan) + '/migrations') -Destination ([IO.Path]::GetDirectoryName($Plan) + '/backups')).File").Clean().Single;
        _release.Plans.Write(Path.Combine("doubtful", "V1__drop_orders.sql"), "DROP TABLE orders;");
        _release.Execute("legacy.db", $"{ShopRelease.FlywayTable} INSERT INTO flyway_schema_history VALUES (1, '1', 'drop orders', 'SQL', 'V1__drop_orders.sql', 392885628, 'kim', '2025-01-02 03:04:05.678', 12, 1)");

        ShouldAsk($"New-DeploymentBackup -Folder '{_release.Plans.PathOf("migrations")}' -Destination '{_release.Plans.PathOf("backups")}' -Confirm", "migrations: ", $"Back up to {_release.Plans.PathOf("backups")}");
        ShouldAsk($"Restore-DeploymentBackup '{backup}' -Folder '{_release.Plans.PathOf("migrations")}' -Confirm", _release.Plans.PathOf("migrations"), "Restore ");
        ShouldAsk($"Import-DbMigrationHistory -Kind Sqlite -ConnectionString 'Data Source={_release.Plans.PathOf("legacy.db")}' -Path '{_release.Plans.PathOf("doubtful")}' -From Flyway -Confirm", "database: no version -> 1", "Record 1 scripts of ");
        ShouldAsk($"Test-DbMigration '{_release.Plans.PathOf("doubtful")}' -Kind Sqlite | Export-DeploymentCheck -Path '{_release.Plans.PathOf("checks.xml")}' -Confirm", "checks.xml", "Write the checks");
    }

    [Fact]
    public void Check_ins_that_an_earlier_run_could_not_register_are_asked_for_on_a_complete_window()
    {
        File.WriteAllText(_release.Plans.Plan, File.ReadAllText(_release.Plans.Plan).Replace("Team = @{", "ExtendedMonitoring = @{ Duration = '1.00:00:00'; Every = '00:30:00' }; Team = @{", StringComparison.Ordinal));
        RollOut();
        using var none = new NoScheduler();
        _release.Run("Get-DeploymentWindow | Complete-DeploymentWindow -Deviation why").Warnings.ShouldContain(words => words.Contains("Nobody looks after shop-2.4.0-1 from here on", StringComparison.Ordinal));
        var (asked, before) = (_host.Questions.Count, _release.Log);

        var planned = _release.Run("Get-DeploymentWindow | Complete-DeploymentWindow -WhatIf");
        var denied = _release.Run("Get-DeploymentWindow | Complete-DeploymentWindow -Confirm");

        planned.Clean();
        denied.Clean();
        _host.Questions.Skip(asked).ShouldHaveSingleItem().ShouldContain("Check in every 00:30:00 until ");
        _release.Log.ShouldBe(before);
    }

    private void RollOut()
    {
        _release.Plans.Open(_engine);
        _release.Run("$null = Get-DeploymentWindow | Invoke-DbMigration | Invoke-Rollout").Clean();
    }

    // Runs a script that shall change nothing, and compares.
    private IReadOnlyList<PSObject> Dry(string script)
    {
        var before = _release.Fingerprint();
        var seen = _release.Shop.Seen.Count;

        var result = _release.Run(script).Clean();

        _release.Fingerprint().ShouldBe(before);
        _release.Shop.Seen.Skip(seen).ShouldAllBe(request => request.OnlyReads);
        return result.Output;
    }

    private void ShouldAsk(string script, params string[] words)
    {
        var asked = _host.Questions.Count;
        _asked.Add(CellTable.Cmdlets.Values.Single(cmdlet => cmdlet.SupportsWhatIf && script.Contains(cmdlet.Name, StringComparison.Ordinal)).Name);

        Dry(script);

        var question = _host.Questions.Skip(asked).ShouldHaveSingleItem();
        foreach (var word in words)
        {
            question.ShouldContain(word);
        }
    }

    private static void ShouldPlanThePreparation(PSObject planned)
    {
        Text(planned, "Outcome").ShouldBe("Planned");
        Lines(planned, "Checks").ShouldBe([
            "probe edge 2 times in a row",
            "see that the migrations of shop can be applied",
            "capture weights and versions of 2 instances",
            "back up shop, restore it into a scratch place and compare, and rehearse the migration there",
            "run 1 smoke files against the old version",
            "measure 1 metrics for 00:00:00.3000000",
        ]);
    }

    private static void ShouldPlanThePhases(IReadOnlyList<PSObject> planned)
    {
        planned.Select(result => $"{Text(result, "Phase")} {Text(result, "Outcome")}").ShouldBe(["Migration Planned", "Rollout Planned", "Smoke Planned", "Monitoring Planned", "Completion Planned"]);
        ShouldPlanTheMigration(planned[0]);
        (Text(planned[1], "From"), Text(planned[1], "To")).ShouldBe(("2.3.0", "2.4.0"));
        Lines(planned[1], "Steps").ShouldBe(["green-1: stopped -> 2.4.0", "traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1"]);
        ShouldPlanTheSmokeTests(planned[2]);
        Lines(planned[3], "Findings").ShouldBe([
            "Unknown: 5xx ratio: not asked yet; http_requests_total{code=~\"5..\"} of http_requests_total: at most 50 %",
            "Unknown: version of green-1: not asked yet; serves 2.4.0",
            "Unknown: health of green-1: not asked yet; healthy",
        ]);
        Lines(planned[4], "Retired").ShouldBe(["blue-1: 2.3.0 -> stopped"]);
    }

    private static void ShouldPlanTheMigration(PSObject planned)
    {
        var database = ((IEnumerable)planned.Properties["Databases"].Value).Cast<object>().Select(PSObject.AsPSObject).ShouldHaveSingleItem();
        (Text(database, "From"), Text(database, "To")).ShouldBe(("2.3.0.1", "2.4.0.2"));
        Lines(database, "Scripts").ShouldBe(["V2_4_0_1__add_status.sql", "V2_4_0_2__count_to_patience.sql"]);
        Lines(database, "Validations").ShouldBe([
            "Unknown: every order has a status: expected no rows, got not asked yet",
            "Unknown: the orders are all there: expected 3, got not asked yet",
        ]);
    }

    private static void ShouldPlanTheSmokeTests(PSObject planned) =>
        Lines(planned, "Checks").ShouldHaveSingleItem().ShouldBe("Planned: checkout: GET {{host}}/version, POST {{host}}/checkout");

    private static string Text(PSObject value, string property) => value.Properties[property].Value.ToString()!;

    private static IReadOnlyList<string> Lines(PSObject value, string property) => [.. ((IEnumerable)value.Properties[property].Value).Cast<object>().Select(line => line.ToString()!)];
}
