using DeployOps.Core.Tests.Support;
using DeployOps.Plans.Syntax;
using DeployOps.Secrets;

namespace DeployOps.Plans;

/// <summary>Every key a plan can have, each with every wrong type, misspelt, and left out.</summary>
public sealed class PlanKeyTests : IDisposable
{
    private const string Every =
        """
        @{
            Service = 'shop'; Environment = 'production'; Release = '2.4.0'; Runbook = 'release.ps1'
            Team    = @{ Lead = 'release-lead'; Executor = 'operator'; Monitor = 'observer'; Communicator = 'speaker' }
            Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1/hook'; Format = 'Slack'; Secret = 'env:GITHUB_TOKEN'; Audience = @( 'Team', 'Stakeholders' ) }
                         @{ Name = 'mail'; Kind = 'Mail'; Server = 'smtp.example.org'; Port = 25; Security = 'None'; User = 'me'; Password = 'env:GITHUB_TOKEN'
                            From = 'releases@example.org'; To = @( 'team@example.org' ); Audience = @( 'Team' ) }
                         @{ Name = 'deployments'; Kind = 'GitHub'; Repository = 'example/shop'; Ref = 'v2.4.0'; Token = 'env:GITHUB_TOKEN'; Uri = 'https://git.example.org'; Audience = @( 'Team' ) } )
            Window  = @{ Duration = '02:00:00' }
            Health  = @{ Probes = @( @{ Name = 'edge'; Uri = 'http://127.0.0.1:8080/healthz'; Consecutive = 3; Interval = '00:00:01'; Timeout = '00:00:05' } )
                         Incidents = @( @{ Kind = 'File'; Path = 'freeze.json' }
                                        @{ Kind = 'GitHub'; Repository = 'example/shop'; Label = 'incident'; Token = 'env:GITHUB_TOKEN'; Uri = 'https://git.example.org' } ) }
            Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=state/shop.db'
                              Migrations = 'migrations'; Validations = 'validations'; Rehearsal = 'None'; ScriptTimeout = '00:01:00' }
                           @{ Name = 'ledger'; Kind = 'PostgreSql'; ConnectionString = 'Host=db1;Database=ledger'; Scratch = 'Host=db2;Database=postgres'; Replica = 'Host=db3;Database=ledger'
                              Limits = @{ MaxBlocked = 5; MaxBlockedFor = '00:00:01'; LockTimeout = '00:00:02'; LockTries = 10; MaxLag = '00:00:10'; MaxLagBytes = 67108864; Replicas = 1; DelayedReplicas = @( 'archive' )
                                          LongTransaction = '00:00:30'; MinFreeDisk = 0.05; MaxCpu = 0.9; Hold = '00:05:00'; CriticalSamples = 3 } } )
            Configuration = @( @{ Name = 'settings'; Path = 'settings' } )
            Rollout = @{ Strategy = 'Rolling'; Batch = 1; Deploy = 'deploy-instance.ps1'; DeployTimeout = '00:05:00'; DrainTimeout = '00:00:30'
                         HealthTimeout = '00:01:00'; Consecutive = 3; Soak = '00:00:10'
                         Router = @{ Kind = 'Yarp'; Path = 'state/edge.json'; Cluster = 'shop'; Uri = 'http://127.0.0.1:8080' }
                         Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = 'http://127.0.0.1:8101' }
                                        @{ Name = 'green-1'; Pool = 'green'; Uri = 'http://127.0.0.1:8102' } )
                         Health = '/healthz'; Version = '/version' }
            Smoke   = @( 'smoke/*.hurl' )
            Monitoring = @{ Duration = '01:00:00'; Interval = '00:01:00'; Baseline = '00:10:00'; Looks = 3
                            Metrics = @( @{ Name = 'ratio'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:8080/metrics'; Measure = 'Ratio'
                                            Numerator = 'failed'; Denominator = 'all'; Limit = 1.5; Minimum = 0.5; BaselineRatio = 2; Margin = 0.1; MinimumCount = 20 }
                                         @{ Name = 'p95'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:8080/metrics'; Measure = 'Quantile'; Histogram = 'time'; Quantile = 0.95 }
                                         @{ Name = 'rate'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:8080/metrics'; Measure = 'Rate'; Counter = 'all' }
                                         @{ Name = 'orders'; Kind = 'Sql'; Database = 'shop'; Query = 'SELECT count(*) FROM orders' } )
                            Logs = @( 'logs/*.log' ) }
            ExtendedMonitoring = @{ Duration = '2.00:00:00'; Every = '00:30:00' }
            Rollback = @{ When = 'Automatic'; Database = 'Keep'; Configuration = 'Restore' }
            Files   = @( 'settings/*.json' )
        }
        """;

    private static readonly PlanPosition Here = new(99, 7);

    private static readonly PlanPosition Inside = new(99, 9);

    private readonly PlanFolder folder = new();

    public static TheoryData<string> Keys => [.. Entries(Tree(), "").Select(entry => entry.Path)];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_plan_of_these_tests_is_right() => Errors(Tree()).ShouldBeEmpty();

    [Fact]
    public void No_key_is_left_out_of_these_tests()
    {
        var tested = Tables(Tree(), "")
            .GroupBy(table => WithoutNumbers(table.Path), StringComparer.Ordinal)
            .ToDictionary(tables => tables.Key, tables => tables.SelectMany(table => table.Table.Entries).Select(entry => entry.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        foreach (var (path, table) in Tables(Tree(), ""))
        {
            var strange = new PlanEntry("Zzzzzzzz", Here, new PlanScalar(Here, 1L));

            var error = Errors(Change(Tree(), path, _ => table with { Entries = [.. table.Entries, strange] })).ShouldHaveSingleItem();

            var known = error.Message["is not a known key: expected ".Length..^1].Split([", ", " or "], StringSplitOptions.None);
            tested[WithoutNumbers(path)].ShouldBe(known.Order(StringComparer.Ordinal), $"the keys of '{path}'");
        }
    }

    [Fact]
    public void The_topic_on_plans_tells_of_every_key()
    {
        var topic = File.ReadAllText(Repository.PathOf("module", "about_DeployOps_Plan.help.txt"));
        var keys = Entries(Tree(), "").Where(entry => entry.Entry.Value is not PlanTable && entry.Entry.Value is not PlanList { Items: [PlanTable, ..] }).Select(entry => WithoutNumbers(entry.Path).Replace("[]", "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();

        keys.Count.ShouldBeGreaterThan(80);
        keys.Where(key => !topic.Contains($"\n    {key} ", StringComparison.Ordinal)).ShouldBeEmpty("these keys are not told of");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_of_another_type_is_told_at_its_place_with_what_is_expected(string path)
    {
        foreach (var wrong in WrongFor(Entries(Tree(), "").Single(entry => entry.Path == path).Entry.Value))
        {
            var errors = Errors(Change(Tree(), path, _ => wrong));

            var error = errors.Find(error => error.Line == Here.Line).ShouldNotBeNull($"{path} took {PlanText.Show(wrong)}");
            (error.Key == path || error.Key.StartsWith(path + "[", StringComparison.Ordinal)).ShouldBeTrue($"{error} is not about {path}");
            error.Column.ShouldBe(wrong is PlanList && error.Key != path ? Inside.Column : Here.Column);
            error.Message.ShouldContain("expected ");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_that_is_misspelt_is_told_with_the_nearest_known_one(string path)
    {
        var key = Entries(Tree(), "").Single(entry => entry.Path == path).Entry.Key;

        var errors = Errors(Rename(Tree(), path, key + "x"));

        errors.ShouldContain(error => error.Line == Here.Line && error.Column == Here.Column && error.Key == path + "x" && error.Message == $"is not a known key. Did you mean '{key}'?");
    }

    [Fact]
    public void What_must_be_there_is_told_where_it_is_missing()
    {
        var missed = Entries(Tree(), "")
            .Select(entry => entry.Path)
            .Where(path => Errors(Change(Tree(), path, _ => null)).Exists(error => error.Key == path && error.Message.StartsWith("is missing", StringComparison.Ordinal)));

        missed.ShouldBe(
        [
            "Service", "Environment", "Release", "Notices[0].Kind", "Notices[0].Uri", "Notices[1].Kind", "Notices[1].Server", "Notices[1].User", "Notices[1].Password", "Notices[1].From", "Notices[1].To", "Notices[2].Kind", "Notices[2].Repository", "Notices[2].Token", "Health.Probes[0].Name", "Health.Probes[0].Uri", "Health.Incidents[0].Kind", "Health.Incidents[0].Path", "Health.Incidents[1].Kind", "Health.Incidents[1].Repository", "Databases[0].Name", "Databases[0].Kind", "Databases[0].ConnectionString", "Databases[1].Name", "Databases[1].Kind", "Databases[1].ConnectionString", "Configuration[0].Name", "Configuration[0].Path",
            "Rollout.Strategy", "Rollout.Deploy", "Rollout.Router", "Rollout.Router.Kind", "Rollout.Router.Path", "Rollout.Router.Cluster", "Rollout.Router.Uri", "Rollout.Instances",
            "Rollout.Instances[0].Name", "Rollout.Instances[0].Uri", "Rollout.Instances[1].Name", "Rollout.Instances[1].Uri",
            "Monitoring.Metrics[0].Name", "Monitoring.Metrics[0].Kind", "Monitoring.Metrics[0].Uri", "Monitoring.Metrics[0].Measure", "Monitoring.Metrics[0].Numerator", "Monitoring.Metrics[0].Denominator",
            "Monitoring.Metrics[1].Name", "Monitoring.Metrics[1].Kind", "Monitoring.Metrics[1].Uri", "Monitoring.Metrics[1].Measure", "Monitoring.Metrics[1].Histogram",
            "Monitoring.Metrics[2].Name", "Monitoring.Metrics[2].Kind", "Monitoring.Metrics[2].Uri", "Monitoring.Metrics[2].Measure", "Monitoring.Metrics[2].Counter",
            "Monitoring.Metrics[3].Name", "Monitoring.Metrics[3].Kind", "Monitoring.Metrics[3].Database", "Monitoring.Metrics[3].Query",
        ]);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("a;b")]
    [InlineData("a\nb")]
    [InlineData("ab\n")]
    [InlineData("\nab")]
    [InlineData("größe")]
    [InlineData("日本")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("[x]*")]
    [InlineData("a?")]
    [InlineData("a\0b")]
    [InlineData("a$(1)")]
    [InlineData("a`b")]
    [InlineData("a<b")]
    [InlineData("a&b")]
    [InlineData("a%2e")]
    [InlineData("a\u202eb")]
    [InlineData("~")]
    public void A_name_that_becomes_a_path_takes_no_sign_that_means_something_there(string name)
    {
        foreach (var path in new[] { "Service", "Environment", "Release", "Databases[0].Name", "Rollout.Instances[0].Name", "Rollout.Instances[0].Pool" })
        {
            Errors(Named(path, name)).ShouldContain(
                error => error.Key == path && error.Line == Here.Line && error.Message.Contains("expected at most 64 letters, digits", StringComparison.Ordinal), $"{path} took {PlanText.Shorten(name)}");
        }
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(300, false)]
    public void A_name_has_at_most_64_characters(int length, bool isTaken)
    {
        foreach (var path in new[] { "Service", "Release", "Team.Monitor", "Rollout.Router.Cluster", "Monitoring.Metrics[0].Name" })
        {
            (Errors(Named(path, new string('a', length))).Count == 0).ShouldBe(isTaken, path);
        }
    }

    [Theory]
    [InlineData("a b", true)]
    [InlineData("it's; \"quoted\"", true)]
    [InlineData("größe 日本 😀", true)]
    [InlineData("../x", true)]
    [InlineData("-x [y]*", true)]
    [InlineData("<b>$(1)&amp;</b>", true)]
    [InlineData("a\nb", false)]
    [InlineData("ab\n", false)]
    [InlineData("a\rb", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\u0085b", false)]
    [InlineData("a\u2028b", false)]
    [InlineData("a\u2029b", false)]
    public void A_name_that_is_only_shown_takes_whatever_can_be_shown_on_one_line(string name, bool isTaken) => CheckTitles(name, isTaken);

    [Fact]
    public void A_name_that_is_only_shown_takes_no_half_of_a_character()
    {
        // Not as data of a theory, whose names are written to files that cannot hold it.
        CheckTitles("a\ud83d", isTaken: false);
        CheckTitles("\ude00a", isTaken: false);
        CheckTitles("a\ud83d\ud83d\ude00", isTaken: false);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public void The_word_that_has_the_deploy_script_stop_an_instance_is_no_release(string release)
        => Errors(Named("Release", release)).ShouldHaveSingleItem().ToString().ShouldBe(
            $"plan.psd1:99:7 Release '{release}': is what the deploy script is told to stop an instance; expected another version.");

    private void CheckTitles(string name, bool isTaken)
    {
        foreach (var path in new[] { "Team.Lead", "Team.Executor", "Team.Monitor", "Team.Communicator", "Health.Probes[0].Name", "Monitoring.Metrics[0].Name", "Rollout.Router.Cluster" })
        {
            var errors = Errors(Named(path, name));

            errors.Select(error => (error.Key, error.Line)).ShouldBe(isTaken ? [] : [(path, Here.Line)], path);
            errors.ShouldAllBe(error => error.Message.EndsWith("expected at most 64 printable characters.", StringComparison.Ordinal));
        }
    }

    private static PlanNode Named(string path, string name) => Change(Tree(), path, _ => new PlanScalar(Here, name));

    private static IEnumerable<PlanNode> WrongFor(PlanNode right)
    {
        PlanNode text = new PlanScalar(Here, "x");
        PlanNode number = new PlanScalar(Here, 7L);
        PlanNode table = new PlanTable(Here, []);
        PlanNode truth = new PlanScalar(Here, true);
        PlanNode nothing = new PlanScalar(Here, null);
        PlanNode List(object? item) => new PlanList(Here, [item as PlanNode ?? new PlanScalar(Inside, item)]);
        PlanNode tables = List(new PlanTable(Inside, []));

        return right switch
        {
            PlanScalar { Value: string } => [number, truth, nothing, table, List("x")],
            PlanScalar => [text, truth, nothing, table, List(7L)],
            PlanTable => [text, number, truth, nothing, List("x")],
            PlanList { Items: [PlanTable, ..] } => [text, number, truth, nothing, List("x"), List(7L), List(null)],
            _ => [number, truth, nothing, table, List(7L), List(null), tables],
        };
    }

    private static PlanNode Tree() => new SmallSyntax().Parse(Every, "plan.psd1", [])!;

    private List<PlanError> Errors(PlanNode root)
    {
        folder.Write("plan.psd1", "");
        return [.. new PlanReader(new Parsed(root), new SecretSource(name => name == "GITHUB_TOKEN" ? "token-of-the-team" : null), folder.Redactor).Read(folder.PlanPath).Errors];
    }

    private static IEnumerable<(string Path, PlanEntry Entry)> Entries(PlanNode node, string path) =>
        Tables(node, path).SelectMany(table => table.Table.Entries.Select(entry => (Join(table.Path, entry.Key), entry)))
            .OrderBy(entry => entry.entry.KeyPosition.Line).ThenBy(entry => entry.entry.KeyPosition.Column);

    private static IEnumerable<(string Path, PlanTable Table)> Tables(PlanNode node, string path) => node switch
    {
        PlanTable table => table.Entries.SelectMany(entry => Tables(entry.Value, Join(path, entry.Key))).Prepend((path, table)),
        PlanList list => list.Items.SelectMany((item, index) => Tables(item, $"{path}[{index}]")),
        _ => [],
    };

    /// <summary>The same tree with another value at a path; null takes the key away.</summary>
    private static PlanNode Change(PlanNode node, string target, Func<PlanNode, PlanNode?> change, string path = "")
    {
        if (path == target)
        {
            return change(node)!;
        }

        return node switch
        {
            PlanTable table => table with
            {
                Entries =
                [
                    .. table.Entries
                        .Select(entry => entry with { Value = Change(entry.Value, target, change, Join(path, entry.Key)) })
                        .Where(entry => entry.Value is not null),
                ],
            },
            PlanList list => list with { Items = [.. list.Items.Select((item, index) => Change(item, target, change, $"{path}[{index}]"))] },
            _ => node,
        };
    }

    private static PlanNode Rename(PlanNode node, string target, string key, string path = "") => node switch
    {
        PlanTable table => table with
        {
            Entries =
            [
                .. table.Entries.Select(entry => Join(path, entry.Key) == target
                    ? entry with { Key = key, KeyPosition = Here }
                    : entry with { Value = Rename(entry.Value, target, key, Join(path, entry.Key)) }),
            ],
        },
        PlanList list => list with { Items = [.. list.Items.Select((item, index) => Rename(item, target, key, $"{path}[{index}]"))] },
        _ => node,
    };

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string WithoutNumbers(string path) => System.Text.RegularExpressions.Regex.Replace(path, @"\[[0-9]+\]", "[]");

    private sealed class Parsed(PlanNode root) : IPlanSyntax
    {
        public PlanNode? Parse(string text, string path, ICollection<PlanError> errors) => root;
    }
}
