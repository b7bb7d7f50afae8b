using DeployOps.Health.Logs;

namespace DeployOps.Core.Tests.Health.Logs;

public class LogTemplatesTests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05.678Z Error Cart: customer 4711 lost", "<time> Error Cart: customer <num> lost")]
    [InlineData("03:04:05,678 ERROR took 12ms for 3.5 MB", "<time> ERROR took <num>ms for <num> MB")]
    [InlineData("ERROR at http://127.0.0.1:8080/a?b=1 refused", "ERROR at <url> refused")]
    [InlineData("ERROR peer 10.0.0.7:5432 gone", "ERROR peer <ip> gone")]
    [InlineData("ERROR cannot open /var/lib/shop/orders.db", "ERROR cannot open <path>")]
    [InlineData("ERROR request 0f8fad5b-d9cb-469f-a165-70867728950e failed", "ERROR request <id> failed")]
    [InlineData("ERROR at 0x7fff5694dc58, commit deadbeef42", "ERROR at <hex>, commit <hex>")]
    [InlineData("ERROR mail to someone@example.org bounced", "ERROR mail to <mail> bounced")]
    [InlineData("ERROR node-3 is down", "ERROR node-<num> is down")]
    public void What_differs_from_event_to_event_is_masked(string line, string masked) => string.Join(' ', LogMask.Words(line)).ShouldBe(masked);

    [Fact]
    public void Lines_of_one_kind_are_one_template()
    {
        var templates = new LogTemplates();

        var first = templates.Take("ERROR Cart: customer anna lost her session");
        var second = templates.Take("ERROR Cart: customer bert lost his session");
        var other = templates.Take("ERROR Stock: product tea is negative now");

        first.IsNew.ShouldBeTrue();
        second.ShouldBe((first.Template, false));
        other.IsNew.ShouldBeTrue();
        templates.Texts().ShouldBe(["ERROR Cart: customer <*> lost <*> session", "ERROR Stock: product tea is negative now"]);
    }

    [Fact]
    public void What_is_known_again_takes_the_same_lines_in()
    {
        var before = new LogTemplates();
        string[] lines =
        [
            "ERROR Cart: customer anna lost her session", "ERROR Cart: customer bert lost his session", "ERROR w3 cannot reach 10.0.0.1", "7 errors in <angle> brackets: Error", "Error", "",
        ];
        foreach (var line in lines)
        {
            before.Take(line);
        }

        var after = new LogTemplates();
        foreach (var text in before.Texts())
        {
            after.Know(text);
        }

        lines.ShouldAllBe(line => !after.Take(line).IsNew);
        after.Take("ERROR w3 cannot parse its own settings").IsNew.ShouldBeTrue();
    }

    [Fact]
    public void There_are_never_more_than_can_be_kept()
    {
        var templates = new LogTemplates();
        var words = new Random(1);
        for (var i = 0; i < LogTemplates.Most + 100; i++)
        {
            templates.Take(string.Join(' ', Enumerable.Range(0, 3).Select(_ => new string([.. Enumerable.Range(0, 8).Select(_ => (char)('g' + words.Next(20)))]))));
        }

        templates.Count.ShouldBe(LogTemplates.Most);
        templates.Take("one that nobody said before").Template.ShouldBeNull();
    }
}
