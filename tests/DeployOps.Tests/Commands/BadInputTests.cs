using System.Diagnostics;
using System.Management.Automation;
using DeployOps.Tests.Shared;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Whatever is wrong with what is given: one error with an id of its own, which says what, where and what to do next, and says it soon.</summary>
[Collection(EngineCollection.Name)]
public sealed class BadInputTests(BadInputEngine fixture) : IClassFixture<BadInputEngine>
{
    // Whatever is waited for is over by then, on a busy machine too; a plan of any size is judged in a second.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static readonly BadInput[] Cases =
    [
        // The plan as a file.
        new("a plan that is missing", "PlanNotFound", ["nothing.psd1"], "Check the path.", bench => bench.Test(bench.PathOf("nothing.psd1"))),
        new("a plan in a folder that is missing", "PlanNotFound", ["nowhere"], "Check the path.", bench => bench.Test(bench.PathOf("nowhere/plan.psd1"))),
        new("a plan that is a folder", "PlanUnreadable", ["state' cannot be read"], "account may read.", bench =>
        {
            Directory.CreateDirectory(bench.PathOf("state"));
            return bench.Test(bench.PathOf("state"));
        }),
        new("a plan behind a link that leads to itself", "PlanUnreadable", ["loop.psd1' cannot be read"], "account may read.", bench =>
        {
            File.CreateSymbolicLink(bench.PathOf("loop.psd1"), bench.PathOf("loop.psd1"));
            return bench.Test(bench.PathOf("loop.psd1"));
        }),
        new("a plan with a name of 300 letters", "PlanUnreadable", ["aaa.psd1' cannot be read"], "account may read.", bench => bench.Test(bench.PathOf(new string('a', 300) + ".psd1"))),
        new("a plan whose name holds a zero", "PlanNotFound", ["There is no plan"], "Check the path.", bench => bench.Test("pl\0an.psd1")),
        new("a plan that is no text", "PlanUnreadable", ["it is not UTF-8 text"], "account may read.", bench =>
        {
            File.WriteAllBytes(bench.Plan, [0x40, 0x7b, 0xc3, 0x28]);
            return bench.Test();
        }),
        new("a plan of 10 MB", "PlanTooLarge", ["10,485,760 bytes", "at most 1,048,576"], "into files that it names.", bench =>
        {
            File.WriteAllText(bench.Plan, new string(' ', 10 * 1024 * 1024));
            return bench.Test();
        }),

        // The plan as a text.
        Invalid("a plan that is cut", bench => bench.Write("plan.psd1", "@{ Service = 'shop'"), "plan.psd1:1:"),
        Invalid("a plan that is empty", bench => bench.Write("plan.psd1", ""), "plan.psd1:1:1 the plan is empty: expected a table"),
        Invalid("a plan that would run something", bench => bench.With("Window = @{ Duration = Get-Date }"), "plan.psd1:4:28 commands are not allowed"),
        Invalid("a value of a wrong type", bench => bench.With("Window = @{ Duration = 7 }"), "plan.psd1:4:28 Window.Duration '7': expected a text in quotes."),
        Invalid("a key nobody knows", bench => bench.With("Windoww = @{ }"), "plan.psd1:4:5 Windoww is not a known key. Did you mean 'Window'?"),
        Invalid("a key that is set twice, of 300 letters", bench => bench.With($"{new string('k', 300)} = 1; {new string('k', 300)} = 2"), "kkk…' is already set in this table."),
        Invalid("a name that leads out of the home", bench => bench.With(environment: "../../etc"), "plan.psd1:2:37 Environment '../../etc': expected at most 64 letters"),
        Invalid("a name with a newline at its end", bench => bench.Write("plan.psd1", "@{ Service = \"shop`n\"; Environment = 'e'; Release = '1' }"), "plan.psd1:1:14 Service 'shop ': expected at most 64 letters"),
        Invalid("a reference to what is not there", bench => bench.WithDatabase("env:DEPLOYOPS_NOBODY_SETS_THIS"), "plan.psd1:4:", "Databases[0].ConnectionString 'env:DEPLOYOPS_NOBODY_SETS_THIS'", "(SecretNotFound)"),
        Invalid("a migration folder that is missing", bench => bench.WithDatabase("Data Source=shop.db", "Migrations = 'nowhere'"), "Databases[0].Migrations 'nowhere': there is no such folder"),
        Invalid("a migration whose name is none", bench => bench.WithDatabase("Data Source=shop.db").Write("migrations/first; 'try'.sql", ""), "migrations:1:1 Migrations first; 'try'.sql: not the name of a migration."),
        Invalid("a smoke file that is missing", bench => bench.With("Smoke = 'smoke/health.hurl'"), "Smoke[0] 'smoke/health.hurl': no file matches"),
        Invalid("a deploy script that is missing", bench =>
        {
            File.Delete(bench.PathOf(bench.Shop.Rollout().Length > 0 ? "deploy.ps1" : ""));
            bench.With(bench.Shop.Rollout());
        }, "Rollout.Deploy 'deploy.ps1': there is no such file"),
        Invalid("a deploy script that cannot be read by PowerShell", bench =>
        {
            bench.With(bench.Shop.Rollout());
            bench.Write("deploy.ps1", "param($Instance, $Version, $Window)\n if ($Version) { 'never closed'");
        }, "deploy.ps1:2:"),

        // Files beside the plan.
        new("a migration nobody can read", "PlanFileUnreadable", ["V2__gone.sql", "cannot be read"], "this account may read it.", bench =>
        {
            bench.WithDatabase("Data Source=shop.db");
            File.CreateSymbolicLink(bench.PathOf("migrations/V2__gone.sql"), bench.PathOf("nowhere"));
            return bench.Test();
        }),

        // The approval.
        new("no approval", "PlanNotApproved", ["Nobody approved the plan"], "Approve-DeploymentPlan '", bench => bench.With().Start()),
        new("an approval that is over", "ApprovalExpired", ["counted until"], "Approve-DeploymentPlan '", bench => bench.With().Approve().Expire().Start()),
        new("an approval that is still to come, as after a clock was set back", "ApprovalFromFuture", ["still to come", "Check the clocks"], "Approve-DeploymentPlan '", bench =>
            bench.With().Approve().Edit(text => text.Replace("\"at\": \"20", "\"at\": \"30", StringComparison.Ordinal).Replace("\"expires\": \"20", "\"expires\": \"30", StringComparison.Ordinal)).Start()),
        new("a plan that changed", "PlanChanged", ["plan.psd1 changed"], "Approve-DeploymentPlan '", bench =>
        {
            bench.With().Approve();
            File.AppendAllText(bench.Plan, "# a late word\n");
            return bench.Start();
        }),
        new("the approval of another environment's plan", "ApprovalForAnotherPlan", ["to other;", "to bench-"], "Approve-DeploymentPlan '", bench =>
        {
            bench.With(environment: "other").Approve();
            return bench.With().Start();
        }),
        new("an approval that is none", "ApprovalUnreadable", ["plan.psd1.approval.json"], "approve it again.", bench =>
        {
            bench.With().Write("plan.psd1.approval.json", "{\"format\":1}");
            return bench.Start();
        }),
        new("an approval by who starts", "FourEyes", ["'executor' approved the plan and starts it"], "Approve-DeploymentPlan '", bench => bench.With().Approve(by: "executor").Start()),

        // The database.
        new("a database in a folder that is missing", "DatabaseUnreachable", ["its folder does not exist"], "its permissions. Start-DeploymentWindow '", bench => bench.WithDatabase("Data Source=nowhere/shop.db").Approve().Start()),
        new("a database that is a folder", "DatabaseUnreachable", ["it is a folder"], "Start-DeploymentWindow '", bench =>
        {
            Directory.CreateDirectory(bench.PathOf("state"));
            return bench.WithDatabase("Data Source=state").Approve().Start();
        }),
        new("a database that is missing", "DatabaseUnreachable", ["the file does not exist"], "Start-DeploymentWindow '", bench => bench.WithDatabase("Data Source=shop.db").Approve().Start()),
        new("a database that is none", "DatabaseReadFailed", ["not a database"], "Start-DeploymentWindow '", bench =>
        {
            bench.WithDatabase("Data Source=shop.db").Write("shop.db", new string('x', 5000));
            return bench.Approve().Start();
        }),
        new("a database in memory", "DatabaseNotAFile", ["'shop' is not a file"], "Start-DeploymentWindow '", bench => bench.WithDatabase("Data Source=:memory:").Approve().Start()),
        new("a connection string nobody can read", "DatabaseConnectionStringInvalid", ["of database 'shop' cannot be read"], "Start-DeploymentWindow '", bench =>
            bench.WithDatabase("Data Source=shop.db;Default Timeout=soon").Approve().Start()),

        // The router and the instances.
        new("an edge that is down", "RouterUnreachable", ["connection refused", "about_DeployOps_Plan, THE ROUTER"], "Start-DeploymentWindow '", bench =>
            bench.With(bench.Shop.Rollout().Replace(bench.Shop.Edge.ToString(), LoopbackListener.FreeAddress().ToString(), StringComparison.Ordinal)).Approve().Start()),
        new("an edge that answers something else", "RouterStateInvalid", ["/_edge/state does not tell", "An edge of your own has to answer /_edge/state", "about_DeployOps_Plan, THE ROUTER"], "Start-DeploymentWindow '", bench =>
        {
            bench.Shop.State = "<html>Welcome</html>";
            return bench.With(bench.Shop.Rollout()).Approve().Start();
        }),
        new("an edge that does not know an instance", "RolloutInstanceUnknown", ["no destination 'green-1'"], "Start-DeploymentWindow '", bench =>
        {
            bench.Shop.WriteEdge([("blue-1", bench.Shop.Blue, 100)]);
            return bench.With(bench.Shop.Rollout()).Approve().Start();
        }),
        new("a port that another program uses", "InstanceAddressTaken", ["green-1 has no traffic, and something answers at its address", "/version: status 404"], "Start-DeploymentWindow '", bench =>
        {
            File.Delete(bench.Shop.VersionFile("green-1"));
            return bench.With(bench.Shop.Rollout()).Approve().Start();
        }),

        // The home and its journals.
        new("a home that cannot be one", "FolderUnusable", ["cannot be made"], "chooses another place.", bench =>
        {
            bench.With().Approve();
            var home = Environment.GetEnvironmentVariable("DEPLOYOPS_HOME");
            Environment.SetEnvironmentVariable("DEPLOYOPS_HOME", Path.Combine(bench.Plan, "home"));
            try
            {
                return bench.Start();
            }
            finally
            {
                Environment.SetEnvironmentVariable("DEPLOYOPS_HOME", home);
            }
        }),
        new("a state of the environment that is not whole", "EnvironmentStateInvalid", ["environment.json is not what DeployOps wrote"], "in the journals beside it.", bench =>
            bench.With().OpenAnd("Invoke-Rollout", folder => File.WriteAllText(Path.Combine(folder, "../../environment.json"), "{"))),
        new("a journal that was altered", "JournalCorrupt", ["journal.jsonl:1 is not what was written"], "where nobody needs it any more.", bench =>
            bench.With().OpenAnd("Invoke-Rollout", folder => Edit(Path.Combine(folder, "journal.jsonl"), text => text.Replace("Executor executor", "Executor somebody", StringComparison.Ordinal)))),
        new("a journal whose beginning is gone", "JournalCorrupt", ["journal.jsonl:1"], "where nobody needs it any more.", bench =>
            bench.With().OpenAnd("Invoke-Rollback", folder => Edit(Path.Combine(folder, "journal.jsonl"), text => text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]))),
        new("a journal that is empty", "WindowEmpty", ["holds no opened window"], "Start-DeploymentWindow.", bench =>
            bench.With().OpenAnd("Invoke-Rollout", folder => File.WriteAllText(Path.Combine(folder, "journal.jsonl"), ""))),
        new("a kept file that was altered", "KeptFileInvalid", ["cannot be trusted: its content has another hash"], "by its SHA-256.", bench =>
            bench.With().OpenAnd("Invoke-Rollout", folder => File.AppendAllText(Directory.GetFiles(Path.Combine(folder, "files"))[0], "x"))),
        new("a report in the place of another file", "ReportOverAnotherFile", ["plan.psd1 exists and is not a report"], "replace it with -Force.", bench =>
            bench.With().OpenAnd($"Export-DeploymentReport -Path '{bench.Plan}'")),
        new("a report in the place of the journal", "ReportInsideHome", ["journal.jsonl", "live below"], "the window's own report", bench =>
            bench.With().OpenAnd("ForEach-Object { $_ | Export-DeploymentReport -Force -Path $_.LogPath }")),
        new("a report in a folder that is missing", "ReportNotWritten", ["nowhere/report.html"], "this account may write.", bench =>
            bench.With().OpenAnd($"Export-DeploymentReport -Path '{bench.PathOf("nowhere/report.html")}'")),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_refused_with_its_own_error_and_what_to_do(string name)
    {
        var at = Array.FindIndex(Cases, one => one.Name == name);
        using var bench = new BadInputBench(fixture.Engine, at);
        var start = Stopwatch.GetTimestamp();

        var result = Cases[at].Run(bench);

        var elapsed = Stopwatch.GetElapsedTime(start);
        var fault = result.Faults.ShouldHaveSingleItem();
        var said = fault.ToString();
        fault.FullyQualifiedErrorId.ShouldStartWith($"{Cases[at].ErrorId},DeployOps.Commands.", Case.Sensitive, said);
        Cases[at].Says.ShouldAllBe(word => said.Contains(word, StringComparison.Ordinal), said);
        said.Split('\n')[^1].ShouldContain(Cases[at].Next);
        fault.CategoryInfo.Category.ShouldNotBe(ErrorCategory.NotSpecified);
        elapsed.ShouldBeLessThan(Soon);
    }

    private static BadInput Invalid(string name, Action<BadInputBench> arrange, params string[] says) =>
        new(name, "PlanInvalid", says, "then see with Test-DeploymentPlan that nothing is left.", bench =>
        {
            arrange(bench);
            return bench.Test();
        });

    private static void Edit(string path, Func<string, string> change) => File.WriteAllText(path, change(File.ReadAllText(path)));
}
