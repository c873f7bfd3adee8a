-- MySQL dump 10.13
/*!40101 SET NAMES utf8 */;
CREATE TABLE `instance_actions` (
  `created_at` datetime DEFAULT NULL, `id` int NOT NULL AUTO_INCREMENT, `action` varchar(255) DEFAULT NULL,
  `instance_uuid` varchar(36) DEFAULT NULL, `message` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `x` (`instance_uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE `instances` (`deleted_at` datetime, `uuid` varchar(36) NOT NULL, `project_id` varchar(255),
  `memory_mb` int, `vcpus` int, `launched_at` datetime, `key_data` mediumtext, `size` decimal(10,2) DEFAULT '0.00', `deleted` int);
CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
LOCK TABLES `instances` WRITE;
INSERT INTO `instances` VALUES (NULL,'u','p',4096,2,NULL,'it\'s; a (\\ "key"'',',0.50,0),('2026-10-01 05:30:00','w','p',1024,1,'2026-10-01 00:00:00','',0.50,3);
INSERT INTO `instance_extra` VALUES ('u','[{"count": 1, "spec": [{"vendor_id": "10de"}], "alias_name": "a100"}]');
INSERT INTO `instance_actions` VALUES ('2026-10-01 00:00:00',1,'create','u',NULL),('2026-10-01 01:00:00',2,'stop','u','Error');
