using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Names that mean something to a shell, a pattern, a query, a page or an address, through a whole release.</summary>
[Collection(EngineCollection.Name)]
public sealed class HostileNameTests : IDisposable
{
    private const string Hostile = "My plans [x] 'q' \"d\" ü;$(throw 1) & <b>%41\nand a line";

    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void A_release_from_a_folder_of_any_name_goes_through_to_its_report()
    {
        var folder = _plans.PathOf(Hostile);
        using var shop = new SmallShop(folder);
        Write("shop [1]'s; ü.db", "");
        Write("migrations/V1__the shop's [x]; \"ü\" <b>.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        Write("validations/it's; [x].sql", "-- verify: 'orders'; <b>\n-- expect: 0\nSELECT COUNT(*) FROM orders;\n");
        Write("smoke/it's [a] \"test\"; ü <b>\nof two lines.hurl", "GET {{host}}/version\nHTTP 200\n[Asserts]\nbody == \"{{version}}\"\n");
        var plan = Write("plan [x] 'q'.psd1", $$"""
            @{
                Service = 'shop'; Environment = 'production'; Release = '2.4.0+b.1'
                Team = @{ Monitor = 'Zoë "Z" O''Hara; <b>$(1)</b>' }
                Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source="shop [1]''s; ü.db"'; Migrations = 'migrations'; Validations = 'validations' } )
                {{shop.Rollout()}}
                Smoke = 'smoke/*.hurl'
            }
            """);
        Environment.SetEnvironmentVariable("SUDO_USER", "Lead; 'x' <b>");
        Run("$null = Approve-DeploymentPlan $Plan", plan).Clean();
        Environment.SetEnvironmentVariable("SUDO_USER", "executor");

        var result = Run("$w = Start-DeploymentWindow $Plan; $s = $w | Invoke-DbMigration | Invoke-Rollout | Test-Smoke; $s.Outcome; $w.Lead; $w.Folder; $w.Id", plan).Clean();
        var report = _plans.PathOf("reports [x] 'q' ü.html");
        _engine.Invoke("param($Path) Get-DeploymentWindow | Add-DeploymentNote \"a; 'b' <b> `n`u{2028}\"; Get-DeploymentWindow | Export-DeploymentReport -Path $Path", ("Path", report)).Clean();

        var words = result.Output.Select(output => output.ToString()).ToList();
        words[..2].ShouldBe(["Succeeded", "Lead; 'x' <b>"]);
        words[2].ShouldStartWith(_engine.Home + Path.DirectorySeparatorChar);
        words[3].ShouldBe("shop-2.4.0+b.1-1");
        File.ReadAllText(shop.VersionFile("green-1")).ShouldBe("2.4.0+b.1");
        var page = File.ReadAllText(report);
        page.ShouldNotContain("<b>");
        page.ShouldContain("&lt;b&gt;");
        System.Net.WebUtility.HtmlDecode(page).ShouldContain("the shop's [x]; ");
        _engine.Invoke("Get-DeploymentWindow | Test-DeploymentLog").Clean().Text("IsIntact").ShouldBe("True");
        Directory.GetDirectories(_engine.Home).Select(Path.GetFileName).ShouldBe(["shop"]);

        string Write(string name, string text) => _plans.Write(Path.Combine(Hostile, name), text);
    }

    [Theory]
    [InlineData("blue\n1")]
    [InlineData("blue-1\n")]
    [InlineData("blue\r1")]
    public void An_instance_whose_name_holds_a_line_is_refused_where_it_stands(string name)
    {
        using var shop = new SmallShop(_plans.PathOf("shop"));
        var text = $"@{{ Service = 'shop'; Environment = 'production'; Release = '2.4.0'; {shop.Rollout()} }}";
        var plan = _plans.Write(Path.Combine("shop", "plan.psd1"), text.Replace("'blue-1'", $"\"{name.Replace("\n", "`n", StringComparison.Ordinal).Replace("\r", "`r", StringComparison.Ordinal)}\"", StringComparison.Ordinal));

        var errors = Run("(Test-DeploymentPlan $Plan -ErrorAction SilentlyContinue).Errors | ForEach-Object { \"$_\" }", plan).Output.Select(line => line.ToString());

        errors.ShouldHaveSingleItem().ShouldContain("Rollout.Instances[0].Name");
    }

    [Fact]
    public void A_note_may_hold_whatever_somebody_types_and_the_log_stays_whole()
    {
        _plans.Open(_engine);

        var result = _engine.Invoke("Get-DeploymentWindow | Add-DeploymentNote ('half a pair: ' + [char]0xd83d + \" zero: `0 bell: `a\"); (Get-DeploymentWindow | Test-DeploymentLog).IsIntact; @(Get-DeploymentWindow | Get-DeploymentLog -Kind Note).Count").Clean();

        result.Output.Select(output => output.ToString()).TakeLast(2).ShouldBe(["True", "1"]);
    }

    private EngineResult Run(string script, string plan) => _engine.Invoke($"param($Plan) {script}", ("Plan", plan));
}
