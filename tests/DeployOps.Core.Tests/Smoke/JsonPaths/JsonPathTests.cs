using System.Text.Json;

namespace DeployOps.Smoke.JsonPaths;

public sealed class JsonPathTests
{
    private const string Shop = """
        {
          "shop": { "name": "corner", "open": true, "motto": null },
          "items": [
            { "id": 1, "name": "cup", "price": 4.5, "tags": ["kitchen", "blue"] },
            { "id": 2, "name": "lamp", "price": 30, "tags": [] },
            { "id": 3, "name": "desk", "price": 120, "stock": { "id": 99 } }
          ],
          "a b": "quoted", "ключ": "unicode", "\ud83d\ude00": "face"
        }
        """;

    [Theory]
    [InlineData("$.shop.name", """["corner"]""")]
    [InlineData("$['shop'][\"name\"]", """["corner"]""")]
    [InlineData("$['a b']", """["quoted"]""")]
    [InlineData("$.ключ", """["unicode"]""")]
    [InlineData("$['\\uD83D\\uDE00']", """["face"]""")]
    [InlineData("$.shop.motto", "[null]")]
    [InlineData("$.shop.missing", "[]")]
    [InlineData("$.shop.*", """["corner",true,null]""")]
    [InlineData("$.items[0].id", "[1]")]
    [InlineData("$.items[-1].id", "[3]")]
    [InlineData("$.items[3]", "[]")]
    [InlineData("$.items[*].id", "[1,2,3]")]
    [InlineData("$.items[0, 2].id", "[1,3]")]
    [InlineData("$.items[1:].id", "[2,3]")]
    [InlineData("$.items[:-1].id", "[1,2]")]
    [InlineData("$.items[::-1].id", "[3,2,1]")]
    [InlineData("$.items[::2].id", "[1,3]")]
    [InlineData("$.items[::0].id", "[]")]
    [InlineData("$..id", "[1,2,3,99]")]
    [InlineData("$..stock.id", "[99]")]
    [InlineData("$..tags[0]", """["kitchen"]""")]
    [InlineData("$ .items [ 0 ] .id", "[1]")]
    [InlineData("$.items[?@.price > 10].id", "[2,3]")]
    [InlineData("$.items[?@.price <= 30 && @.price >= 30].id", "[2]")]
    [InlineData("$.items[?@.name < 'd'].id", "[1]")]
    [InlineData("$.items[?@.name == 'cup' || @.id == 3].id", "[1,3]")]
    [InlineData("$.items[?!(@.id == 2)].id", "[1,3]")]
    [InlineData("$.items[?@.stock].id", "[3]")]
    [InlineData("$.items[?!@.stock].id", "[1,2]")]
    [InlineData("$.items[?@.stock.id == @.nothing].id", "[1,2]")]
    [InlineData("$.items[?@.id == $.items[1].id].name", """["lamp"]""")]
    [InlineData("$.items[?@.price == 30.0].id", "[2]")]
    [InlineData("$.items[?@.tags == $.items[1].tags].id", "[2]")]
    [InlineData("$.items[?length(@.tags) == 2].id", "[1]")]
    [InlineData("$.items[?length(@.name) > 3].id", "[2,3]")]
    [InlineData("$.items[?count(@.tags[*]) == 0].id", "[2,3]")]
    [InlineData("$.items[?value(@..id) == 2].id", "[2]")]
    [InlineData("$.items[?match(@.name, '[cd].*')].id", "[1,3]")]
    [InlineData("$.items[?match(@.name, 'am')].id", "[]")]
    [InlineData("$.items[?search(@.name, 'am')].id", "[2]")]
    [InlineData("$.items[?search(@.name, '(')].id", "[]")]
    [InlineData("$.items[?@.tags[?@ == 'blue']].id", "[1]")]
    public void A_path_picks_nodes(string path, string expected)
    {
        using var document = JsonDocument.Parse(Shop);

        var nodes = JsonPath.Parse(path).Select(document.RootElement);

        JsonSerializer.Serialize(nodes).ShouldBe(expected);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 0)]
    [InlineData("$.", 2)]
    [InlineData("$.1", 2)]
    [InlineData("$a", 1)]
    [InlineData("$ ", 1)]
    [InlineData("$[", 2)]
    [InlineData("$[]", 2)]
    [InlineData("$[01]", 2)]
    [InlineData("$[-0]", 2)]
    [InlineData("$[9007199254740992]", 2)]
    [InlineData("$['a]", 2)]
    [InlineData("$['\\q']", 3)]
    [InlineData("$['\\ud800']", 3)]
    [InlineData("$[?1]", 3)]
    [InlineData("$[?@.a == @.*]", 10)]
    [InlineData("$[?length(@.a)]", 3)]
    [InlineData("$[?match(@.a, 'x') == true]", 3)]
    [InlineData("$[?count(1) == 1]", 9)]
    [InlineData("$[?keys(@)]", 3)]
    [InlineData("$[?@.a = 1]", 7)]
    [InlineData("$[?@.a == TRUE]", 10)]
    [InlineData("$[?@.a && ]", 10)]
    public void A_malformed_path_is_refused_with_its_place(string path, int offset) =>
        Should.Throw<JsonPathException>(() => JsonPath.Parse(path)).Offset.ShouldBe(offset);

    [Theory]
    [InlineData("$", true)]
    [InlineData("$.a[0]['b']", true)]
    [InlineData("$.a[*]", false)]
    [InlineData("$..a", false)]
    [InlineData("$[0,1]", false)]
    [InlineData("$[0:1]", false)]
    [InlineData("$[?@]", false)]
    public void A_path_knows_whether_it_can_pick_several(string path, bool singular) =>
        JsonPath.Parse(path).IsSingular.ShouldBe(singular);

    [Fact]
    public void Nesting_is_bounded() =>
        Should.Throw<JsonPathException>(() => JsonPath.Parse("$[?" + new string('(', 50_000))).Message.ShouldContain("nested deeper");

    [Fact]
    public void Work_is_bounded()
    {
        using var document = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("[[[[1,1,1,1,1,1,1,1]]]]", 2000))}]");

        Should.Throw<JsonPathException>(() => JsonPath.Parse("$..*..*..*..*[?@..*]").Select(document.RootElement)).Message.ShouldContain("looks at more than");
    }
}
