using CsCheck;
using DeployOps.Tests.Shared;

namespace DeployOps.Tests.Plans;

public sealed class DataFileSyntaxTests
{
    /// <summary>What the language is made of.</summary>
    private static readonly string[] Pieces =
    [
        "@{", "}", "@(", ")", "'", "\"", "@'\n", "\n'@", "$", "$(", "#", "<#", "#>", "`", ";", "=", ",", "-", "1", "a", " ", "\n", "[", "]", "|", "&", "\u2018", "\0", "using ", "A = 'x'; ", "B = 1\n", "$true", "'t'", "Get-Date", "[int]", "(", "{", "if", "function", "param", "@'x", "\\", "..", "&&", "\ud83d", "\u2029", "`u{110000}", "`0", "--%", "%",
    ];

    [Theory]
    [InlineData("@{}", "{}")]
    [InlineData("# a plan\n<# of (ours) #>\n@{ A = 'x' } # end", "{A@3:4='x'}")]
    [InlineData("@{ A = 'it''s'; B = \"two\"; 'C c' = @'\nhere 'n there (\n'@ }", "{A@1:4='it's' B@1:17='two' C c@1:28='here 'n there ('}")]
    [InlineData("@{ A = @\"\nhere \"n there\n\"@; B = \"a `$(b) `\"c\" }", "{A@1:4='here \"n there' B@3:5='a $(b) \"c'}")]
    [InlineData("@{ A = 1; B = -2; C = - 3; D = +4; E = 1.5; F = 2kb; G = 0x10; H = 1e3; I = - 1.5; J = 2d }", "{A@1:4=1:Int64 B@1:11=-2:Int64 C@1:19=-3:Int64 D@1:28=4:Int64 E@1:36=1.5:Double F@1:45=2048:Int64 G@1:54=16:Int64 H@1:64=1000:Double I@1:73=-1.5:Double J@1:84=2:Double}")]
    [InlineData("@{ A = $true; B = $False; C = $NULL }", "{A@1:4=True:Boolean B@1:15=False:Boolean C@1:27=null}")]
    [InlineData("@{ A = 'x', 'y'; B = @('x'); C = @(); D = @('x', 'y'\n'z') }", "{A@1:4=['x' 'y'] B@1:18=['x'] C@1:30=[] D@1:39=['x' 'y' 'z']}")]
    [InlineData("@{ A = @( @{ B = 1 }\n @{ B = 2 } ) }", "{A@1:4=[{B@1:14=1:Int64} {B@2:5=2:Int64}]}")]
    [InlineData("@{ Configuration = 'x'; using = 1 }", "{Configuration@1:4='x' using@1:25=1:Int64}")]
    [InlineData("@{ A = 'configuration x { using module y }' }", "{A@1:4='configuration x { using module y }'}")]
    public void Data_is_read(string text, string tree)
    {
        BuiltModule.Parse(text).Errors.ShouldBeEmpty();
        BuiltModule.Tree(text).ShouldBe(tree);
    }

    [Theory]
    [InlineData("@{ A = Get-Date }", "1:8 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = 'x' | Out-Null }", "1:8 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = 'x' > file }", "1:8 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = 'x' &\n }", "1:12 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = if (1) { 2 } }", "1:8 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = $home }", "1:8 variables are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = ${x} }", "1:8 variables are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = \"a $home\" }", "1:8 variables and expressions in a text are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = \"a $(1)\" }", "1:8 variables and expressions in a text are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = $(1) }", "1:8 expressions in parentheses are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = (1) }", "1:8 expressions in parentheses are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = 1 + 2 }", "1:8 expressions are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = [int] '1' }", "1:8 types are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = [int] }", "1:8 types are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = [IO.File]::Delete( 'x' ) }", "1:8 method calls are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = { 1 } }", "1:8 script blocks are not allowed: a plan is data and is never run.")]
    [InlineData("@{ $a = 1 }", "1:4 keys that are no plain words are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = 1\n a = 2 }", "2:2 the key 'a' is already set in this table.")]
    [InlineData("@{ A = 99999999999999999999 }", null)]
    [InlineData("@{ A = 9223372036854775808n }", "1:8 numbers of this size are not allowed: a plan is data and is never run.")]
    [InlineData("", "1:1 the plan is empty: expected a table, @{ … }.")]
    [InlineData("# nothing", "1:1 the plan is empty: expected a table, @{ … }.")]
    [InlineData("param($a) @{}", "1:1 parameters are not allowed: a plan is data and is never run.")]
    [InlineData("end { @{} }", "1:1 named blocks are not allowed: a plan is data and is never run.")]
    [InlineData("@{}\n'more'", "2:1 expected nothing after the plan's table.")]
    [InlineData("using module ./x.psm1\n@{}", "1:1 commands are not allowed: a plan is data and is never run.")]
    [InlineData("using assembly ./x.dll\n@{}", "1:1 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{}\nconfiguration X { Import-DscResource -ModuleName Y }", "2:1 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = foo --% 'x }", "1:14 commands are not allowed: a plan is data and is never run.")]
    [InlineData("@{ A = a'b' }", "1:9 a text in quotes needs a space or a sign like '=' before it.")]
    [InlineData("@{ A = 'b'# c\n}", "1:11 a comment needs a space before its '#'.")]
    [InlineData("@{ A `\n= 1 }", "1:6 this sign is not allowed outside of quotes.")]
    [InlineData("@{ A = @'x'@ }", "1:8 a here-string begins on the line after its opening sign.")]
    public void What_is_no_data_is_refused_at_its_place(string text, string? expected)
    {
        var errors = BuiltModule.Parse(text).Errors;

        errors.ShouldBe(expected is null ? [] : [$"plan.psd1:{expected}"]);
    }

    [Fact]
    public void Every_refusal_is_told_and_the_rest_stays()
    {
        const string Text = "@{ A = Get-Date\n B = 'x'\n C = $home\n b = 1 }";

        BuiltModule.Parse(Text).Errors.Count.ShouldBe(3);
        BuiltModule.Tree(Text).ShouldBe("{A@1:4=refused B@2:2='x' C@3:2=refused}");
    }

    [Theory]
    [InlineData("@{ A = ")]
    [InlineData("@{ A = 'x }")]
    [InlineData("@{ = }")]
    [InlineData("}")]
    public void Broken_text_has_mistakes_and_no_tree(string text)
    {
        var (hasTree, errors) = BuiltModule.Parse(text);

        hasTree.ShouldBeFalse();
        errors.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("@(", ")")]
    [InlineData("@{a=", "}")]
    [InlineData("- ", "")]
    [InlineData("!", "")]
    [InlineData(",", "")]
    [InlineData("1+", "")]
    [InlineData("$a=", "")]
    [InlineData("[int]", "")]
    [InlineData("$(", ")")]
    [InlineData("1 ?? ", "")]
    [InlineData("a && ", "")]
    [InlineData("1 -and ", "")]
    [InlineData("{", "}")]
    public void Any_depth_is_refused_without_falling_over(string open, string close)
    {
        const int Times = 150_000;
        var text = $"@{{ A = {string.Concat(Enumerable.Repeat(open, Times))}1{string.Concat(Enumerable.Repeat(close, Times))} }}";

        BuiltModule.Parse(text).Errors.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(".b")]
    [InlineData("[0]")]
    [InlineData(".b()")]
    [InlineData("+'a'")]
    [InlineData("\n+ 'a'")]
    [InlineData("::b")]
    public void Any_chain_is_refused_without_falling_over(string link)
    {
        var text = $"@{{ A = 'a'{string.Concat(Enumerable.Repeat(link, 150_000))} }}";

        BuiltModule.Parse(text).Errors.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("@{ }")]
    [InlineData("@{ } ")]
    [InlineData("@( )")]
    [InlineData("@{ }\n")]
    [InlineData("@{a=1}.a")]
    [InlineData("@{ } + ")]
    [InlineData("'a' ")]
    [InlineData("a ")]
    [InlineData("1 ")]
    [InlineData("$true ")]
    public void Any_number_of_values_where_none_belong_is_refused_soon(string value)
    {
        var text = $"@{{ A = {string.Concat(Enumerable.Repeat(value, 20_000))} }}";
        var start = System.Diagnostics.Stopwatch.GetTimestamp();

        BuiltModule.Parse(text).Errors.ShouldNotBeEmpty();

        // Seconds say a busy machine; what is quadratic takes minutes.
        System.Diagnostics.Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData(", ")]
    [InlineData("; ")]
    public void A_list_of_5_000_tables_is_read(string between)
    {
        var text = $"@{{ A = @( {string.Join(between, Enumerable.Repeat("@{ Name = 'a'; Limits = @( 1, 2 ) }", 5000))} ) }}";

        BuiltModule.Parse(text).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void Sixty_levels_are_read()
    {
        var text = string.Concat(Enumerable.Repeat("@{a=", 60)) + "1" + new string('}', 60);

        BuiltModule.Parse(text).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void A_long_list_is_read()
    {
        var text = $"@{{ A = @( {string.Join(", ", Enumerable.Repeat("'a'", 20_000))} ) }}";

        BuiltModule.Parse(text).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void A_text_on_which_the_parser_itself_breaks_is_a_mistake() =>
        BuiltModule.Parse("@{-....").Errors.ShouldHaveSingleItem().ShouldContain("PowerShell cannot read this text at all");

    [Fact]
    public void Whatever_is_done_to_a_text_it_never_throws()
    {
        const string Whole = "@{ A = 'x'; B = @( 1, 2 ); C = @{ D = $true; E = \"text\" } }";
        var change = Gen.Select(Gen.Int[0, 2 * Whole.Length], Gen.Int[0, 3], Gen.Int[0, Pieces.Length - 1]);

        Property.Holds(change.Array[1, 5], changes =>
        {
            var text = Whole;
            foreach (var (place, removed, piece) in changes)
            {
                var at = place % (text.Length + 1);
                text = text.Remove(at, Math.Min(removed, text.Length - at)).Insert(at, Pieces[piece]);
            }

            var (hasTree, errors) = BuiltModule.Parse(text);
            return hasTree || errors.Count > 0;
        });
    }

    [Fact]
    public void Whatever_pieces_a_text_is_put_together_from_it_never_throws()
    {
        var text = Gen.Int[0, Pieces.Length - 1].Array[1, 40].Select(pieces => string.Concat(pieces.Select(piece => Pieces[piece])));
        var read = 0;

        Property.Holds(Gen.Select(text, Gen.Bool, (inner, isTable) => isTable ? $"@{{ {inner} }}" : inner), whole =>
        {
            var (hasTree, errors) = BuiltModule.Parse(whole);
            read += errors.Count == 0 ? 1 : 0;
            return hasTree || errors.Count > 0;
        });

        read.ShouldBeGreaterThan(10);
    }
}
