namespace DeployOps.Plans;

public sealed class PlanReferenceTests : IDisposable
{
    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_reference_to_the_environment_is_resolved_and_kept_secret()
    {
        folder.Set("SHOP_DB", "Data Source=shop.db;Password=hunter22");

        var plan = folder.Read(With("env:SHOP_DB")).Require();

        plan.Databases[0].ConnectionString.ShouldBe("Data Source=shop.db;Password=hunter22");
        folder.Redactor.Redact("using Data Source=shop.db;Password=hunter22 now").ShouldBe("using *** now");
        folder.Redactor.Redact("login with hunter22").ShouldBe("login with ***");
    }

    [Fact]
    public void A_plan_shown_by_accident_shows_no_password()
    {
        var plan = folder.Read(With("Data Source=shop.db;Password=hunter22")).Require();

        plan.ToString().ShouldNotContain("hunter22");
        plan.Databases[0].ToString().ShouldBe("shop");
    }

    [Fact]
    public void A_password_written_into_the_plan_is_kept_secret_too()
    {
        folder.Read(With("Data Source=shop.db;Password=hunter22")).Require();

        folder.Redactor.Redact("login with hunter22").ShouldBe("login with ***");
    }

    [Fact]
    public void A_password_within_an_address_is_kept_secret()
    {
        folder.Read(PlanFolder.Whole.Replace("http://127.0.0.1:8080/metrics", "http://me:pass%40word@127.0.0.1/metrics", StringComparison.Ordinal)).Require();

        folder.Redactor.Redact("pass%40word or pass@word").ShouldBe("*** or ***");
    }

    [Fact]
    public void A_token_that_stands_for_the_user_of_an_address_is_kept_secret()
    {
        folder.Read(PlanFolder.Whole.Replace("http://127.0.0.1:8080/metrics", "http://to%2Bken-1@127.0.0.1/metrics", StringComparison.Ordinal)).Require();

        folder.Redactor.Redact("to%2Bken-1 or to+ken-1").ShouldBe("*** or ***");
    }

    [Fact]
    public void An_address_from_a_reference_is_kept_secret_in_its_parts()
    {
        folder.Set("METRICS", "HTTP://127.0.0.1/hooks/t0ken%2Fof-the-path?key=t0ken%2Bof+query&a=b");

        folder.Read(PlanFolder.Whole.Replace("http://127.0.0.1:8080/metrics", "env:METRICS", StringComparison.Ordinal)).Require();

        folder.Redactor.Redact("http://127.0.0.1/hooks/t0ken%2Fof-the-path: status 503").ShouldBe("http://127.0.0.1/hooks/***: status 503");
        folder.Redactor.Redact("no t0ken/of-the-path, no t0ken+of query, no t0ken%2Bof+query").ShouldBe("no ***, no ***, no ***");
        folder.Redactor.Redact("http://127.0.0.1/hooks/t0ken%2Fof-the-path?key=t0ken%2Bof+query&a=b").ShouldBe("***");
    }

    [Theory]
    [InlineData("env:SHOP_DB", "a=b", "what 'env:SHOP_DB' yields")]
    [InlineData("Data Source=shop.db;Password=abc", null, "its password")]
    public void A_secret_that_is_too_short_to_be_kept_is_warned_of(string connection, string? variable, string what)
    {
        folder.Set("SHOP_DB", variable ?? "not used");

        var reading = folder.Read(With(connection));

        reading.Errors.ShouldBeEmpty();
        var warning = reading.Warnings.ShouldHaveSingleItem();
        warning.Message.ShouldStartWith($"{what} is shorter than 4 characters");
        warning.Key.ShouldBe("Databases[0].ConnectionString");
        warning.Line.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_password_within_an_address_that_is_too_short_is_warned_of()
        => folder.Read(PlanFolder.Whole.Replace("http://127.0.0.1:8080/metrics", "http://me:abc@127.0.0.1/metrics", StringComparison.Ordinal))
            .Warnings.ShouldHaveSingleItem().Message.ShouldStartWith("its password is shorter");

    [Theory]
    [InlineData("Succeeded", "is a word that the log itself is made of")]
    [InlineData("outcome", "is a word that the log itself is made of")]
    [InlineData("production", "is a word that the log itself is made of")]
    [InlineData("shop-2", "stands in one of the plan's own names")]
    [InlineData("deploy/blue", "stands in one of the plan's own names")]
    [InlineData("admit/blue", "stands in one of the plan's own names")]
    [InlineData("5xx ratio", "stands in one of the plan's own names")]
    [InlineData("check-in", "stands in one of the plan's own names")]
    [InlineData("deployops-plan-", "stands in the path of the plan")]
    [InlineData("settings/one", "stands in the path of a file of the plan")]
    [InlineData("V1__a", "stands in the path of a file of the plan")]
    [InlineData("acme/home", "stands in the path of the home")]
    public void A_secret_that_the_log_could_not_be_read_without_is_a_mistake_at_its_place(string secret, string why)
    {
        folder.Set("SHOP_DB", $"Data Source=shop.db;Password={secret}");

        var mistake = folder.Read(With("env:SHOP_DB")).Errors.ShouldHaveSingleItem();

        mistake.Message.ShouldStartWith($"its password {why}");
        mistake.Message.ShouldNotContain(secret);
        mistake.Key.ShouldBe("Databases[0].ConnectionString");
        folder.Redactor.Redact(secret).ShouldBe(secret, "masked in this process, it would be masked in the log of the plan that is mended");
    }

    [Theory]
    [InlineData("payments", "stands in one of the plan's own names")]
    [InlineData("of-the-team", "stands in one of the plan's own names")]
    [InlineData("etc-of-acme", "stands in the path of a folder of settings")]
    [InlineData("var-of-acme", "stands in the path of a log")]
    public void What_a_plan_calls_its_settings_logs_and_channels_is_no_secret_either(string secret, string why)
    {
        folder.Write("etc-of-acme/one.json", "{}");
        folder.Set("SHOP_DB", $"Data Source=shop.db;Password={secret}");
        var more = "Configuration = @( @{ Name = 'payments'; Path = 'etc-of-acme' } ); Notices = @( @{ Name = 'of-the-team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/' } )";

        var mistake = folder.Read(With("env:SHOP_DB").Replace("Team    =", $"{more}\n    Team    =", StringComparison.Ordinal).Replace("Monitoring = @{", "Monitoring = @{ Logs = @( 'var-of-acme/*.log' );", StringComparison.Ordinal)).Errors.ShouldHaveSingleItem();

        mistake.Message.ShouldStartWith($"its password {why}");
    }

    [Fact]
    public void A_word_of_an_address_from_a_reference_masks_no_name_that_the_log_goes_by()
    {
        folder.Set("METRICS", "http://127.0.0.1/deployops-plan-/metrics?room=shop&file=settings/one&key=t0ken-of-query");

        var reading = folder.Read(PlanFolder.Whole.Replace("http://127.0.0.1:8080/metrics", "env:METRICS", StringComparison.Ordinal));

        reading.Errors.ShouldBeEmpty();
        folder.Redactor.Redact($"shop-2.4.0-1 of {folder.PlanPath} with settings/one.json").ShouldBe($"shop-2.4.0-1 of {folder.PlanPath} with settings/one.json");
        folder.Redactor.Redact("no t0ken-of-query").ShouldBe("no ***");
    }

    [Fact]
    public void A_plan_without_short_secrets_warns_of_nothing() => folder.Read(PlanFolder.Whole).Warnings.ShouldBeEmpty();

    [Fact]
    public void A_file_is_read_beside_the_plan_without_its_last_newline()
    {
        folder.Write("secrets/db.txt", "Data Source=from file\n\n");

        folder.Read(With("file:secrets/db.txt")).Require().Databases[0].ConnectionString.ShouldBe("Data Source=from file\n");
    }

    [Fact]
    public void A_vault_answers_by_name()
        => folder.Read(With("secret:shop/db"), name => name == "shop/db" ? "Data Source=vault" : null)
            .Require().Databases[0].ConnectionString.ShouldBe("Data Source=vault");

    [Theory]
    [InlineData("env:SHOP_DB", "SecretNotFound")]
    [InlineData("env:", "SecretNotFound")]
    [InlineData("file:none.txt", "SecretNotFound")]
    [InlineData("file:state", "SecretUnreadable")]
    [InlineData("secret:shop", "SecretManagementMissing")]
    public void A_reference_that_yields_nothing_is_a_mistake_at_its_place(string reference, string id)
    {
        var error = folder.Read(With(reference)).Errors.ShouldHaveSingleItem();

        error.ToString().ShouldStartWith($"plan.psd1:6:74 Databases[0].ConnectionString '{reference}': ");
        error.Message.ShouldEndWith($"({id})");
    }

    [Fact]
    public void A_vault_that_fails_tells_nothing_of_what_it_holds()
    {
        var error = folder.Read(With("secret:shop"), _ => throw new InvalidOperationException("topsecret")).Errors.ShouldHaveSingleItem();

        error.Message.ShouldContain("SecretUnreadable");
        error.Message.ShouldNotContain("topsecret");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/metrics", "Monitoring.Metrics[0].Uri")]
    [InlineData("Data Source=state/shop.db", "Databases[0].ConnectionString")]
    [InlineData("00:00:30", "Rollout.DrainTimeout")]
    [InlineData("/version", "Rollout.Version")]
    [InlineData("state/edge.json", "Rollout.Router.Path")]
    public void A_wrong_value_behind_a_reference_is_told_by_the_reference_alone(string value, string key)
    {
        folder.Set("WRONG", "cleartext-canary");

        var error = folder.Read(PlanFolder.Whole.Replace($"'{value}'", "'env:WRONG'", StringComparison.Ordinal)).Errors.ShouldHaveSingleItem();

        error.Key.ShouldBe(key);
        error.ToString().ShouldNotContain("canary");
        (key.EndsWith("ConnectionString", StringComparison.Ordinal) || error.Message.Contains("'env:WRONG'", StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Fact]
    public void A_wrong_value_that_holds_a_known_secret_is_masked()
    {
        folder.Set("SHOP_DB", "Data Source=hunter22");

        var error = folder.Read(With("env:SHOP_DB").Replace("'Automatic'", "'Data Source=hunter22'", StringComparison.Ordinal)).Errors.ShouldHaveSingleItem();

        error.Message.ShouldNotContain("hunter22");
    }

    private static string With(string connection) => PlanFolder.Whole.Replace("Data Source=state/shop.db", connection, StringComparison.Ordinal);
}
