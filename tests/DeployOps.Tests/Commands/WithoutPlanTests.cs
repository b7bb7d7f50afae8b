using System.Net;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Migrations and smoke tests outside of any window.</summary>
[Collection(EngineCollection.Name)]
public sealed class WithoutPlanTests : IDisposable
{
    private const string Migrator = "DeployOps.Commands.InvokeDbMigrationCommand";
    private const string Smoke = "DeployOps.Commands.TestSmokeCommand";

    private readonly EngineHost _engine = new();
    private readonly PlanFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void A_database_is_migrated_once()
    {
        WriteDatabase();

        var planned = Migrate("-WhatIf").Clean();
        var first = Migrate().Clean();
        var second = Migrate().Clean();

        planned.Text("Outcome").ShouldBe("Planned");
        Scripts(planned).ShouldBe(2);
        first.Text("Outcome").ShouldBe("Succeeded");
        Scripts(first).ShouldBe(2);
        second.Text("Outcome").ShouldBe("Succeeded");
        Scripts(second).ShouldBe(0);
    }

    [Fact]
    public void A_kind_may_be_written_in_any_case()
    {
        WriteDatabase();

        Migrate(kind: "sqlite").Clean().Text("Outcome").ShouldBe("Succeeded");
    }

    [Fact]
    public void What_if_leaves_the_database_as_it_is()
    {
        WriteDatabase();
        var before = _folder.Fingerprint(_engine.Home);

        Migrate("-WhatIf").Clean();

        _folder.Fingerprint(_engine.Home).ShouldBe(before);
    }

    [Fact]
    public void A_script_that_changed_after_it_was_applied_is_refused_by_name()
    {
        WriteDatabase();
        Migrate().Clean();
        _folder.Write("migrations/V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT);");

        var result = Migrate();

        result.ErrorIds.ShouldBe([$"MigrationChecksumMismatch,{Migrator}"]);
        result.Faults[0].ToString().ShouldContain("V1__orders.sql");
    }

    [Fact]
    public void A_script_that_fails_is_named_and_the_one_before_it_stays()
    {
        WriteDatabase();
        _folder.Write("migrations/V2__index.sql", "CREATE INDEX orders_total ON order (total);");

        var failed = Migrate();
        _folder.Write("migrations/V2__index.sql", "CREATE INDEX orders_total ON orders (total);");
        var again = Migrate().Clean();

        failed.ErrorIds.ShouldHaveSingleItem().ShouldEndWith($",{Migrator}");
        failed.Faults[0].ToString().ShouldContain("V2__index.sql");
        Scripts(again).ShouldBe(1);
    }

    [Fact]
    public void What_is_to_hold_before_the_migration_keeps_the_first_script_from_being_begun_where_it_does_not()
    {
        WriteDatabase();
        Migrate().Clean();
        _folder.Write("migrations/V3__customer.sql", "ALTER TABLE orders ADD COLUMN customer INTEGER;");
        _folder.Write("validations/orders.sql", "-- verify: there are orders\n-- when: pre   severity: error\n-- expect: >= 1\nSELECT count(*) FROM orders;\n-- verify: customers\n-- expect: runs\nSELECT customer FROM orders;");
        var options = $"-Validations '{_folder.PathOf("validations")}'";

        var refused = Migrate(options);
        _folder.Write("migrations/V3__customer.sql", "INSERT INTO orders (total) VALUES (5); ALTER TABLE orders ADD COLUMN customer INTEGER;");
        _folder.Write("validations/orders.sql", "-- verify: there are no orders yet\n-- when: pre   severity: error\n-- expect: 0\nSELECT count(*) FROM orders;\n-- verify: customers\n-- expect: runs\nSELECT customer FROM orders;");
        var done = Migrate(options).Clean();

        refused.ErrorIds.ShouldBe([$"ValidationFailed,{Migrator}"]);
        refused.Faults[0].ToString().ShouldContain("1 validation failed before the migration: there are orders: expected >= 1, got 0 (such as count(*)=0). No script was begun.");
        Scripts(done).ShouldBe(1);
        var checks = (IEnumerable<dynamic>)((IEnumerable<dynamic>)((dynamic)done.Single.BaseObject).Databases).Single().Validations;
        checks.Select(check => $"{check.Name}: {check.When} {check.Verdict}").Take(2).ShouldBe(["there are no orders yet: Before Pass", "customers: After Pass"]);
    }

    [Theory]
    [InlineData("{ $asked.Add($host.Name); 12.5 }")]
    [InlineData("{ $asked.Add($host.Name); throw 'no route to host' }")]
    [InlineData("{ $asked.Add($host.Name); 'busy' }")]
    [InlineData("{ $asked.Add($host.Name) | Out-Null }")]
    public void A_probe_runs_in_the_session_of_the_caller_and_what_it_fails_with_ends_no_migration(string probe)
    {
        WriteDatabase();

        var result = _engine.Invoke(
            $"param($Database, $Path) $asked = [Collections.Generic.List[string]]::new(); $done = Invoke-DbMigration -Kind Sqlite -ConnectionString \"Data Source=$Database\" -Path $Path -CpuProbe {probe}; \"$($done.Outcome) $($asked.Count -gt 0)\"",
            ("Database", _folder.PathOf("shop.db")),
            ("Path", _folder.PathOf("migrations"))).Clean();

        result.Single.ToString().ShouldBe("Succeeded True");
    }

    [Theory]
    [InlineData("-Replica 'Host=db2;Database=shop'", "DatabaseServerUnsupported", "A database of kind Sqlite uses no other server for its validations: Replica belongs to PostgreSql and MariaDb. Leave it out.")]
    [InlineData("-MaxCpu 80", "ParameterArgumentValidationError", "MaxCpu")]
    public void What_only_another_kind_has_is_refused(string options, string errorId, string words)
    {
        WriteDatabase();

        var result = Migrate(options);

        result.ErrorIds.ShouldBe([$"{errorId},{Migrator}"]);
        result.Faults[0].ToString().ShouldContain(words);
    }

    [Fact]
    public void A_limit_of_processors_is_taken_without_a_plan()
    {
        WriteDatabase();

        Scripts(Migrate("-MaxCpu 0.8").Clean()).ShouldBe(2);
    }

    [Fact]
    public void A_replica_is_named_without_a_plan_and_its_connection_string_is_read()
    {
        WriteDatabase();

        var result = _engine.Invoke("param($Path) Invoke-DbMigration -Kind PostgreSql -ConnectionString 'Host=127.0.0.1;Port=1;Database=shop' -Path $Path -Replica 'Host=127.0.0.1;Secret=hunter2'", ("Path", _folder.PathOf("migrations")));

        result.ErrorIds.ShouldBe([$"DatabaseConnectionStringInvalid,{Migrator}"]);
        result.Faults[0].ToString().ShouldContain("The connection string of database 'database, Replica' cannot be used.");
        result.Faults[0].ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_kind_nobody_knows_is_refused_with_those_that_are() =>
        _engine.Invoke("Invoke-DbMigration -Kind Oracle -ConnectionString 'x=y' -Path .").ErrorIds.ShouldBe([$"DatabaseKindUnknown,{Migrator}"]);

    [Fact]
    public void A_phase_is_not_completed_before_the_one_the_plan_wants()
    {
        WriteDatabase();
        using var plans = new PlanFolder($"Databases = @( @{{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source={_folder.PathOf("shop.db")}'; Migrations = 'migrations' }} )");
        plans.Write("migrations/V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);");
        plans.Open(_engine);

        var early = _engine.Invoke("Get-DeploymentWindow | Complete-DeploymentWindow");
        var due = _engine.Invoke("(Get-DeploymentWindow | Invoke-DbMigration | Complete-DeploymentWindow).Outcome");

        early.ErrorIds.ShouldBe(["PhaseOutOfOrder,DeployOps.Commands.CompleteDeploymentWindowCommand"]);
        early.Faults[0].ToString().ShouldContain("Migration has not ended");
        due.Clean().Single.ToString().ShouldBe("Succeeded");
    }

    [Theory]
    [InlineData(200, "Succeeded", new string[0])]
    [InlineData(500, "Failed", new[] { $"SmokeFailed,{Smoke}" })]
    public async Task Smoke_files_run_against_any_address(int status, string outcome, string[] errorIds)
    {
        using var server = new StatusServer(status);
        _folder.Write("smoke/health.hurl", "GET {{host}}healthz\nHTTP 200\n");

        var result = await Task.Run(() => _engine.Invoke("param($Path, $Address) Test-Smoke $Path -Variable @{ host = $Address }", ("Path", _folder.PathOf("smoke/*.hurl")), ("Address", server.Address)));

        result.Text("Outcome").ShouldBe(outcome);
        result.ErrorIds.ShouldBe(errorIds);
        server.Requests.Distinct().ShouldBe(["/healthz"]);
    }

    [Theory]
    [InlineData("[IO.DirectoryInfo]::new(\"$Folder/one/smoke\").GetFiles('*.hurl') | Test-Smoke @with", "a.hurl", "b.hurl", "[c].hurl")]
    [InlineData("\"$Folder/one/smoke/a.hurl\" | Test-Smoke @with", "a.hurl")]
    [InlineData("Test-Smoke \"$Folder/*/smoke/a.hurl\" @with", "a.hurl", "a.hurl")]
    [InlineData("Test-Smoke \"$Folder/one/smoke/[ab].hurl\" @with", "a.hurl", "b.hurl")]
    [InlineData("Test-Smoke \"$Folder/one/smoke/[c].hurl\" @with", "[c].hurl")]
    [InlineData("Test-Smoke \"$Folder/one/*\" @with")]
    [InlineData("Test-Smoke \"$Folder/absent/*.hurl\" @with")]
    public void Smoke_files_are_found_as_files_are_elsewhere(string command, params string[] files)
    {
        foreach (var file in new[] { "one/smoke/a.hurl", "one/smoke/b.hurl", "one/smoke/[c].hurl", "two/smoke/a.hurl" })
        {
            _folder.Write(file, "GET {{host}}healthz\nHTTP 200\n");
        }

        var result = _engine.Invoke($"param($Folder) $with = @{{ Variable = @{{ host = 'http://127.0.0.1:1/' }}; WhatIf = $true }}; {command}", ("Folder", _folder.PathOf(".")));

        result.ErrorIds.ShouldBe(files.Length == 0 ? [$"SmokeFileMissing,{Smoke}"] : []);
        result.Output.SelectMany(output => ((System.Collections.IEnumerable)output.Properties["Checks"].Value).Cast<dynamic>()).Select(check => Path.GetFileName((string)check.Path)).ShouldBe(files, ignoreOrder: true);
    }

    [Fact]
    public void What_if_sends_no_request()
    {
        using var server = new StatusServer(200);
        _folder.Write("smoke/health.hurl", "GET {{host}}healthz\nHTTP 200\n");

        var result = _engine.Invoke("param($Path, $Address) Test-Smoke $Path -Variable @{ host = $Address } -WhatIf", ("Path", _folder.PathOf("smoke/health.hurl")), ("Address", server.Address));

        result.Clean().Text("Outcome").ShouldBe("Planned");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Stopping_a_smoke_test_does_not_wait_for_a_slow_server()
    {
        using var server = new StatusServer(status: null);
        _folder.Write("smoke/slow.hurl", "GET {{host}}healthz\nHTTP 200\n");

        var result = await _engine.InvokeAndStopAsync(
            "param($Path, $Address) Test-Smoke $Path -Variable @{ host = $Address }",
            () => server.FirstRequest,
            ("Path", _folder.PathOf("smoke/slow.hurl")),
            ("Address", server.Address)).WaitAsync(TimeSpan.FromSeconds(20));

        result.Exception.ShouldBeOfType<System.Management.Automation.PipelineStoppedException>();
        result.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nothing.hurl", "SmokeFileMissing")]
    [InlineData("*.none", "SmokeFileMissing")]
    [InlineData("broken.hurl", "SmokeFileInvalid")]
    public void A_file_that_cannot_run_is_refused(string name, string errorId)
    {
        _folder.Write("broken.hurl", "GET http://127.0.0.1/\nHTTP 200\n[Nothing]\n");

        var result = _engine.Invoke("param($Path) Test-Smoke $Path", ("Path", _folder.PathOf(name)));

        result.ErrorIds.ShouldBe([$"{errorId},{Smoke}"]);
        if (errorId == "SmokeFileInvalid")
        {
            result.Faults[0].ToString().ShouldContain("broken.hurl:3:");
        }
    }

    private void WriteDatabase()
    {
        _folder.Write("shop.db", "");
        _folder.Write("migrations/V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);");
        _folder.Write("migrations/V2__index.sql", "CREATE INDEX orders_total ON orders (total);");
    }

    private EngineResult Migrate(string options = "", string kind = "Sqlite") => _engine.Invoke(
        $"param($Database, $Path) Invoke-DbMigration -Kind {kind} -ConnectionString \"Data Source=$Database\" -Path $Path {options}",
        ("Database", _folder.PathOf("shop.db")),
        ("Path", _folder.PathOf("migrations")));

    private static int Scripts(EngineResult result) => ((IEnumerable<object>)((IEnumerable<dynamic>)((dynamic)result.Single.BaseObject).Databases).Single().Scripts).Count();

    /// <summary>Answers every request with one status; with none it never answers.</summary>
    private sealed class StatusServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly List<string> _requests = [];
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _serving;

        public StatusServer(int? status)
        {
            Address = $"http://127.0.0.1:{FreePort()}/";
            _listener.Prefixes.Add(Address);
            _listener.Start();
            _serving = ServeAsync(status);
        }

        public string Address { get; }

        public IReadOnlyList<string> Requests => _requests;

        public Task FirstRequest => _first.Task;

        public void Dispose()
        {
            _listener.Close();
            _serving.GetAwaiter().GetResult();
        }

        private async Task ServeAsync(int? status)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    _requests.Add(context.Request.Url!.AbsolutePath);
                    _first.TrySetResult();
                    if (status is { } code)
                    {
                        context.Response.StatusCode = code;
                        context.Response.Close();
                    }
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed: the test is over.
            }
        }

        private static int FreePort()
        {
            using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
