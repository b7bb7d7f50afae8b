using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace DeployOps.Secrets;

public sealed class RedactorTests
{
    private readonly Redactor redactor = new();

    [Fact]
    public void A_text_without_secrets_is_left_as_the_same_instance()
    {
        redactor.Register("hunter22");
        var text = "nothing to see: http://127.0.0.1:8080/healthz answered 200";

        redactor.Redact(text).ShouldBeSameAs(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("  abc  ")]
    public void What_is_too_short_is_not_pretended_to_be_kept(string? secret)
    {
        redactor.Register(secret).ShouldBeFalse();
        redactor.Redact("abc abcd").ShouldBe("abc abcd");
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("succeeded")]
    [InlineData("Outcome")]
    public void A_word_the_log_is_made_of_is_left_in_it(string secret)
    {
        redactor.Register(secret).ShouldBeFalse();
        redactor.Register($"first line of a key\n{secret}\nlast line of a key").ShouldBeTrue();

        redactor.Redact($"{{\"outcome\":\"{secret}\"}}").ShouldBe($"{{\"outcome\":\"{secret}\"}}");
        redactor.Redact("the first line of a key").ShouldBe("the ***");
    }

    [Fact]
    public void A_hash_is_left_whole_unless_it_is_the_secret()
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("a"u8));
        redactor.Register(hash[20..24]);
        redactor.RedactJson(hash)!.GetValue<string>().ShouldBe(hash);
        redactor.Redact($"sha256 {hash}").ShouldContain("***");

        redactor.Register(hash);

        redactor.RedactJson(hash)!.GetValue<string>().ShouldBe("***");
    }

    [Fact]
    public void Four_characters_are_kept()
    {
        redactor.Register("abcd").ShouldBeTrue();

        redactor.Redact("xabcdx ABCD").ShouldBe("x***x ABCD");
    }

    [Fact]
    public void The_longest_secret_counts_first_and_overlaps_leave_no_rest()
    {
        redactor.Register("swordfish");
        redactor.Register("swordfish-two");
        redactor.Register("two-three");

        redactor.Redact("a swordfish-two b swordfish c swordfish-two-three d").ShouldBe("a *** b *** c *** d");
    }

    [Fact]
    public void A_secret_of_many_lines_is_kept_line_by_line()
    {
        redactor.Register("first-line-of-it\r\nsecond-line-of-it\nend\n");

        redactor.Redact("x second-line-of-it y").ShouldBe("x *** y");
        redactor.Redact("end").ShouldBe("end");
    }

    [Fact]
    public void No_form_of_any_secret_comes_through()
    {
        // Of a shorter one base64 keeps four letters or five, which by chance are part of a word that the log is made of.
        const int LongEnough = 6;
        var secret = Gen.String[Gen.Char["abcXYZ019+/=&?%#\"'\\<>;: äé€\n"], 4, 24].Where(text => text.Trim().Length >= 4);

        Gen.Select(secret, Gen.String[Gen.Char.AlphaNumeric, 0, 5], Gen.String[Gen.Char.AlphaNumeric, 0, 5]).Sample(
            (value, before, after) =>
            {
                var known = new Redactor();
                known.Register(value);
                var bytes = Encoding.UTF8.GetBytes($"{before}{value}{after}");

                string[] written =
                [
                    $"{before}{value}{after}",
                    Uri.EscapeDataString(value),
                    WebUtility.UrlEncode(value),
                    JavaScriptEncoder.Default.Encode(value),
                    JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value),
                    WebUtility.HtmlEncode(value),
                    HtmlEncoder.Default.Encode(value),
                ];
                var base64 = Convert.ToBase64String(bytes);
                var shown = known.Redact(base64);

                return written.All(text => known.Redact(text).Contains(Redactor.Mask, StringComparison.Ordinal)
                        && !known.Redact(text).Contains(value, StringComparison.Ordinal))
                    && (value.Length < LongEnough || (shown.Contains(Redactor.Mask, StringComparison.Ordinal)
                        && shown.Replace(Redactor.Mask, "", StringComparison.Ordinal).Length <= base64.Length - (value.Length * 4 / 3) + 4));
            },
            iter: 10_000,
            threads: 1);
    }

    [Theory]
    [InlineData("a/b\\u003cc\\u003e\\u0026 '\u00e9\\\"+", "Go's JSON")]
    [InlineData("a/b<c>& '\\u00e9\\\"+", "Python's JSON")]
    [InlineData("a\\/b<c>& '\\u00e9\\\"+", "PHP's JSON")]
    [InlineData("a/b\\u003cc\\u003e\\u0026 \\u0027\u00e9\\u0022+", "Newtonsoft's JSON")]
    [InlineData("a%2Fb%3Cc%3E%26%20'%C3%A9%22%2B", "JavaScript's component")]
    [InlineData("a/b%3Cc%3E&%20'%C3%A9%22+", "an address as a whole")]
    [InlineData("a/b%3cc%3e%26%20%27%c3%a9%22%2b", "Python's URL in small letters")]
    [InlineData("a%2Fb%3Cc%3E%26+%27%C3%A9%22%2B", "a form")]
    [InlineData("a/b&lt;c&gt;&amp; &#039;\u00e9&quot;+", "PHP's HTML")]
    [InlineData("a/b&lt;c&gt;&amp; &#x27;\u00e9&quot;+", "Python's HTML")]
    [InlineData("a/b&lt;c&gt;&amp; '\u00e9\"+", "text of HTML")]
    [InlineData("a/b&lt;c>&amp; &apos;\u00e9\"+", "text of XML")]
    public void A_secret_is_known_however_others_escape_it(string written, string writer)
    {
        redactor.Register("a/b<c>& '\u00e9\"+");

        redactor.Redact($"see {written} here").ShouldBe("see *** here", writer);
    }

    [Theory]
    [InlineData("Authorization: Bearer abc.def", "Authorization: ***")]
    [InlineData("> authorization: Basic Zm9v\r\n> accept: */*", "> authorization: ***\r\n> accept: */*")]
    [InlineData("{\"Authorization\":\"Bearer abc\",\"a\":1}", "{\"Authorization\":\"***\",\"a\":1}")]
    [InlineData("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***")]
    [InlineData("Cookie: session=abc", "Cookie: ***")]
    [InlineData("Host=db;Password=hunter22;Port=1", "Host=db;Password=***;Port=1")]
    [InlineData("Host=db;password = 'a;b';Port=1", "Host=db;password = ***;Port=1")]
    [InlineData("Pwd=\"a;b\";Port=1", "Pwd=***;Port=1")]
    [InlineData("Password=two words;Port=1", "Password=***;Port=1")]
    [InlineData("{\"user\":\"a\",\"password\":\"b\\\"c\"}", "{\"user\":\"a\",\"password\":\"***\"}")]
    [InlineData("{\"body\":\"{\\\"password\\\": \\\"b c\\\",\\\"x\\\":1}\"}", "{\"body\":\"{\\\"password\\\": \\\"***\\\",\\\"x\\\":1}\"}")]
    [InlineData("{'password': 'b'}", "{'password': '***'}")]
    [InlineData("see http://me:pa@ss@example.test/x and https://example.test:80/@y", "see http://me:***@example.test/x and https://example.test:80/@y")]
    [InlineData("postgres://me:pw@db/shop", "postgres://me:***@db/shop")]
    [InlineData("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb", "a\n***\nb")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIE\ncut off", "***")]
    [InlineData("the password is wrong", "the password is wrong")]
    public void What_looks_like_a_secret_is_masked(string text, string expected) => redactor.Redact(text).ShouldBe(expected);

    [Fact]
    public void Json_is_copied_with_every_string_and_name_redacted()
    {
        redactor.Register("hunter22");
        var node = JsonNode.Parse("""{"hunter22":1,"x hunter22":[true,null,"a hunter22",2.5],"***":"b","password":"short","when":"2026-05-04T12:00:00Z"}""")!;
        var before = node.ToJsonString();

        var copy = redactor.RedactJson(node)!;

        JsonNode.DeepEquals(copy, JsonNode.Parse("""{"***":1,"x ***":[true,null,"a ***",2.5],"*** 2":"b","password":"***","when":"2026-05-04T12:00:00Z"}""")).ShouldBeTrue(copy.ToJsonString());
        node.ToJsonString().ShouldBe(before);
        redactor.RedactJson(null).ShouldBeNull();
        redactor.RedactJson(JsonValue.Create(new DateTime(2026, 5, 4, 0, 0, 0, DateTimeKind.Utc)))!.GetValue<string>().ShouldBe("2026-05-04T00:00:00Z");
    }

    [Fact]
    public void Json_written_by_the_serializer_holds_no_secret()
    {
        redactor.Register("p&ss<\"w>");

        redactor.Redact(JsonSerializer.Serialize(new { Body = "is p&ss<\"w> it" })).ShouldBe("{\"Body\":\"is *** it\"}");
    }

    [Fact]
    public async Task Secrets_may_come_while_others_write()
    {
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var round = 0; round < 500; round++)
            {
                redactor.Redact("secret-1 and secret-99 at http://a:b@c").ShouldEndWith("http://a:***@c");
            }
        }));
        var teller = Task.Run(() =>
        {
            for (var number = 0; number < 100; number++)
            {
                redactor.Register($"secret-{number}");
            }
        });

        await Task.WhenAll([.. writers, teller]);

        redactor.Redact("secret-1 and secret-99").ShouldBe("*** and ***");
    }
}
