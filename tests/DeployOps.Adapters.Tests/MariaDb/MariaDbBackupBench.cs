using DeployOps.Adapters.MariaDb;
using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What tests of backups, proofs and restores share.</summary>
internal static class MariaDbBackupBench
{
    /// <summary>The collection of tests that make scratch databases: they are counted.</summary>
    internal const string OneAfterAnother = "scratch databases of MariaDB";

    /// <summary>What a dump and its restore write otherwise, and what a careless comparison would not see.</summary>
    internal const string Shop = """
        CREATE TABLE customers (id int PRIMARY KEY AUTO_INCREMENT, name varchar(60) NOT NULL, UNIQUE KEY by_name (name)) CHARACTER SET latin1;
        INSERT INTO customers (name) VALUES ('Åsa'), ('Kim O''Neil'), ('back\\slash');
        CREATE TABLE `order lines` (id bigint PRIMARY KEY AUTO_INCREMENT, customer int, status enum('open', 'paid'), total decimal(10,2), twice decimal(12,2) AS (total * 2) PERSISTENT, half decimal(12,2) AS (total / 2) VIRTUAL,
            at timestamp DEFAULT CURRENT_TIMESTAMP, ratio double, few float, picture blob, mask bit(9), doc json, note mediumtext CHARACTER SET utf8mb4, hidden int INVISIBLE DEFAULT 7,
            CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id), CHECK (total >= 0), FULLTEXT KEY words (note), KEY by_status (status, total));
        INSERT INTO `order lines` (customer, status, total, ratio, few, picture, mask, doc, note)
            SELECT 1 + seq % 3, IF(seq % 2, 'open', 'paid'), seq, seq / 3e0, seq / 7e0, UNHEX(MD5(seq)), seq % 512, JSON_OBJECT('n', seq), IF(seq % 5, CONCAT('line ', seq, '\n\t\'"\\ 😀'), NULL) FROM seq_1_to_3000;
        CREATE TABLE parted (at date NOT NULL, what varchar(10)) PARTITION BY RANGE COLUMNS (at) (PARTITION p26 VALUES LESS THAN ('2027-01-01'), PARTITION rest VALUES LESS THAN MAXVALUE);
        INSERT INTO parted SELECT '2026-12-01' + INTERVAL seq DAY, 'x' FROM seq_1_to_100;
        CREATE TABLE twins (x int); INSERT INTO twins VALUES (1), (1), (2);
        CREATE TABLE empty (x int);
        CREATE TABLE prices (x int PRIMARY KEY, price int) WITH SYSTEM VERSIONING; INSERT INTO prices VALUES (1, 10); UPDATE prices SET price = 11;
        CREATE SEQUENCE numbers START WITH 100; SELECT NEXTVAL(numbers);
        CREATE VIEW base AS SELECT id, total FROM `order lines`;
        CREATE VIEW aa_paid AS SELECT l.id, l.total FROM base l WHERE l.total BETWEEN 1 AND 10;
        DELIMITER //
        CREATE FUNCTION doubled(a int) RETURNS int DETERMINISTIC BEGIN /* twice ; */ RETURN a * 2; END //
        CREATE PROCEDURE fill(n int) COMMENT 'fills' BEGIN DECLARE i int DEFAULT 0; WHILE i < n DO INSERT INTO empty VALUES (i); SET i = i + 1; END WHILE; END //
        CREATE TRIGGER first_shout BEFORE INSERT ON twins FOR EACH ROW BEGIN SET NEW.x = doubled(NEW.x); END //
        CREATE TRIGGER then_shout BEFORE INSERT ON twins FOR EACH ROW FOLLOWS first_shout BEGIN SET NEW.x = NEW.x + 1; END //
        CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'PRESERVE ENABLE' DO DELETE FROM empty //
        CREATE EVENT never ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM empty //
        DELIMITER ;
        """;

    /// <summary>How many databases there are that a proof or a restore made and has not dropped. Who asks runs beside nobody else that makes such ones.</summary>
    internal static Task<string?> ScratchAsync(MariaDbShop shop) =>
        shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME REGEXP '^deployops_(verify|restore|replaced)_'");

    /// <summary>The server as the adapter knows it.</summary>
    internal static MariaDbServer Server(MariaDbShop shop) => MariaDbServer.Of(new DatabaseSpec { Name = "shop", Kind = "MariaDb", ConnectionString = shop.ConnectionString, BaseFolder = shop.Folder });
}
