using DeployOps.Smoke.Running;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Smoke;

public sealed class SmokeCookiesTests
{
    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData("a=1", "http://shop.example/x/login", "http://shop.example/x/cart", "a=1")]
    [InlineData("a=1", "http://shop.example/x/login", "http://shop.example/y", "")]
    [InlineData("a=1; Path=/", "http://shop.example/x/login", "http://shop.example/y", "a=1")]
    [InlineData("a=1; Path=/x", "http://shop.example/", "http://shop.example/x/y", "a=1")]
    [InlineData("a=1; Path=/x", "http://shop.example/", "http://shop.example/xy", "")]
    [InlineData("a=1", "http://shop.example/", "http://www.shop.example/", "")]
    [InlineData("a=1; Domain=shop.example", "http://shop.example/", "http://www.shop.example/", "a=1")]
    [InlineData("a=1; Domain=.shop.example", "http://www.shop.example/", "http://shop.example/", "a=1")]
    [InlineData("a=1; Domain=other.example", "http://shop.example/", "http://other.example/", "")]
    [InlineData("a=1; Domain=0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", "")]
    [InlineData("a=1; Secure", "https://shop.example/", "http://shop.example/", "")]
    [InlineData("a=1; Secure", "https://shop.example/", "https://shop.example/", "a=1")]
    [InlineData("a=1; Max-Age=0", "http://shop.example/", "http://shop.example/", "")]
    [InlineData("a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=60", "http://shop.example/", "http://shop.example/", "a=1")]
    [InlineData("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://shop.example/", "http://shop.example/", "")]
    [InlineData("a=b=c,d", "http://shop.example/", "http://shop.example/", "a=b=c,d")]
    [InlineData("nothing", "http://shop.example/", "http://shop.example/", "")]
    [InlineData("=x", "http://shop.example/", "http://shop.example/", "")]
    public void A_cookie_goes_where_it_belongs(string header, string from, string to, string expected)
    {
        var cookies = new SmokeCookies(time);

        cookies.Take(new Uri(from), header);

        Line(cookies, to).ShouldBe(expected);
    }

    [Fact]
    public void A_newer_cookie_replaces_the_older_and_a_dead_one_removes_it()
    {
        var cookies = new SmokeCookies(time);
        var url = new Uri("http://shop.example/");

        cookies.Take(url, "a=1");
        cookies.Take(url, "a=2; Max-Age=10");
        var before = Line(cookies, "http://shop.example/");
        time.Advance(TimeSpan.FromSeconds(10));
        var after = Line(cookies, "http://shop.example/");

        before.ShouldBe("a=2");
        after.ShouldBe("");
    }

    private static string Line(SmokeCookies cookies, string to) => string.Join("; ", cookies.For(new Uri(to)).Select(cookie => $"{cookie.Name}={cookie.Value}"));
}
