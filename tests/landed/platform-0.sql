BEGIN TRANSACTION;
CREATE TABLE acceptances (
	person_id INTEGER NOT NULL, 
	agreement VARCHAR(39) NOT NULL, 
	version INTEGER NOT NULL, 
	text_sha256 VARCHAR(64) NOT NULL, 
	accepted_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (person_id, agreement, version), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "acceptances" VALUES(1,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:08:00.000000Z');
INSERT INTO "acceptances" VALUES(2,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:09:00.000000Z');
INSERT INTO "acceptances" VALUES(3,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:10:00.000000Z');
INSERT INTO "acceptances" VALUES(4,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:11:00.000000Z');
INSERT INTO "acceptances" VALUES(6,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:12:00.000000Z');
INSERT INTO "acceptances" VALUES(7,'data-use',1,'ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f','2027-06-15T12:13:00.000000Z');
CREATE TABLE accesses (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	transport VARCHAR(8) NOT NULL, 
	release VARCHAR(39) NOT NULL, 
	path TEXT NOT NULL, 
	size_bytes INTEGER NOT NULL, 
	sent_bytes INTEGER NOT NULL, 
	complete BOOLEAN NOT NULL, 
	opened_at VARCHAR(27) NOT NULL, 
	closed_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "accesses" VALUES(1,1,'sftp','training','/train-01/t1.nii.gz',1000,1000,1,'2027-06-15T12:32:00.000000Z','2027-06-15T12:33:00.000000Z');
INSERT INTO "accesses" VALUES(2,1,'sftp','training','/train-01/t1.nii.gz',1000,400,0,'2027-06-15T12:34:00.000000Z','2027-06-15T12:35:00.000000Z');
CREATE TABLE attempts (
	submission_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	nonce VARCHAR(32) NOT NULL, 
	worker VARCHAR NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	ended_at VARCHAR(27), 
	outcome VARCHAR(16), 
	message TEXT, 
	PRIMARY KEY (submission_id, number), 
	FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);
INSERT INTO "attempts" VALUES(1,1,'5cb69b69c5d01e72','embedded-1','2027-06-15T12:37:00.000000Z','2027-06-15T12:38:30.000000Z','scored','');
INSERT INTO "attempts" VALUES(2,1,'b48930aa9b38f60e','embedded-1','2027-06-15T12:41:30.000000Z','2027-06-15T12:43:00.000000Z','scored','');
INSERT INTO "attempts" VALUES(3,1,'b13575ac37ac4f9e','embedded-1','2027-06-15T12:46:00.000000Z','2027-06-15T12:47:30.000000Z','scored','');
INSERT INTO "attempts" VALUES(4,1,'881b78738669c2e9','embedded-1','2027-06-15T12:49:30.000000Z','2027-06-15T12:50:42.000000Z','failed','a exit-code of participant');
INSERT INTO "attempts" VALUES(5,1,'7ea6d774977d0fc5','embedded-1','2027-06-15T12:52:42.000000Z','2027-06-15T12:54:12.000000Z','failed','a reference-missing of organizer');
INSERT INTO "attempts" VALUES(6,1,'192517254b5c5187','embedded-1','2027-06-15T13:06:12.000000Z','2027-06-15T13:07:18.000000Z','retried','a disk-full of platform');
INSERT INTO "attempts" VALUES(6,2,'f977bb128eb0e5fa','embedded-1','2027-06-15T13:18:18.000000Z','2027-06-15T13:19:24.000000Z','retried','a disk-full of platform');
INSERT INTO "attempts" VALUES(6,3,'b6b27a46f7a60bf4','embedded-1','2027-06-15T13:30:24.000000Z','2027-06-15T13:31:30.000000Z','retried','a disk-full of platform');
INSERT INTO "attempts" VALUES(6,4,'cd004a20ab3e4b38','embedded-1','2027-06-15T13:42:30.000000Z','2027-06-15T13:43:36.000000Z','failed','a disk-full of platform');
INSERT INTO "attempts" VALUES(8,1,'a89eaee96bf7dc23','embedded-1','2027-06-15T13:47:36.000000Z','2027-06-15T13:49:54.000000Z','cancelled','');
INSERT INTO "attempts" VALUES(9,1,'1ce951eded6ace46','embedded-1','2027-06-15T13:51:54.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(10,1,'2508dbe5e76c433c','embedded-1','2027-06-15T13:54:00.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(11,1,'a0580a1bb3ba87f1','embedded-1','2027-06-15T13:56:12.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(12,1,'49344f49901bb5c0','embedded-1','2027-06-15T13:58:30.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(13,1,'4c0d23523dd8c67c','embedded-1','2027-06-15T14:00:54.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(14,1,'8b49a458de6a2e58','embedded-1','2027-06-15T14:03:24.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(15,1,'049904f2c7b6023a','embedded-1','2027-06-15T14:05:36.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(16,1,'99283eab00b773df','embedded-1','2027-06-15T14:07:54.000000Z',NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(17,1,'2237735309d04972','embedded-1','2027-06-15T14:21:12.000000Z','2027-06-15T14:22:12.000000Z','lost','a lost of platform');
INSERT INTO "attempts" VALUES(17,2,'6faed96356f93e47','embedded-1','2027-06-15T14:33:12.000000Z','2027-06-15T14:34:12.000000Z','lost','a lost of platform');
CREATE TABLE audit (
	sequence INTEGER NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	actor VARCHAR(120) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	detail JSON NOT NULL, 
	previous_sha256 VARCHAR(64) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sequence)
);
INSERT INTO "audit" VALUES(1,'2027-06-15T12:01:00.000000Z','anna','person.registered','anna','{"team": "threshold-lab", "new_team": true}','0000000000000000000000000000000000000000000000000000000000000000','20553d1c61a42b9efdf5cacd19a51a6440b90df023797e0ae42477d5375721a2');
INSERT INTO "audit" VALUES(2,'2027-06-15T12:02:00.000000Z','ben','person.registered','ben','{"team": "cluster-collective", "new_team": true}','20553d1c61a42b9efdf5cacd19a51a6440b90df023797e0ae42477d5375721a2','f695aaca5bfe37de7b45e69f4fa7ac121d94a0ad35e8fee6d19bb6e44e7460a3');
INSERT INTO "audit" VALUES(3,'2027-06-15T12:03:00.000000Z','chidi','person.registered','chidi','{"team": "gardeners", "new_team": true}','f695aaca5bfe37de7b45e69f4fa7ac121d94a0ad35e8fee6d19bb6e44e7460a3','bf85f7ef5464691a4399c26b404bb312ea599c870427637bcdca9ba6f06988b2');
INSERT INTO "audit" VALUES(4,'2027-06-15T12:04:00.000000Z','dora','person.registered','dora','{"team": "night-owls", "new_team": true}','bf85f7ef5464691a4399c26b404bb312ea599c870427637bcdca9ba6f06988b2','b5a21321e0bd9ba9f17c545e2b4fd90c26ae0e7a99eae13bda0ca02f54f83f2b');
INSERT INTO "audit" VALUES(5,'2027-06-15T12:05:00.000000Z','emil','person.registered','emil','{"team": "latecomers", "new_team": true}','b5a21321e0bd9ba9f17c545e2b4fd90c26ae0e7a99eae13bda0ca02f54f83f2b','dd26381f2d2327de49d1fb52bd5059ee68e63dfeb915ce28b8115f4aeea45773');
INSERT INTO "audit" VALUES(6,'2027-06-15T12:06:00.000000Z','fay','person.registered','fay','{"team": "gone-fishing", "new_team": true}','dd26381f2d2327de49d1fb52bd5059ee68e63dfeb915ce28b8115f4aeea45773','62417f4ffa135e3e525e77ada7ea444d5e7cd607856e3cacf9e6e35def02e67f');
INSERT INTO "audit" VALUES(7,'2027-06-15T12:07:00.000000Z','gus','person.registered','gus','{"team": "threshold-lab", "new_team": false}','62417f4ffa135e3e525e77ada7ea444d5e7cd607856e3cacf9e6e35def02e67f','fac4cc062795664f609b5865b205da63cc365d7d451add142cadfe43428f2759');
INSERT INTO "audit" VALUES(8,'2027-06-15T12:08:00.000000Z','anna','agreement.accepted','anna','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','fac4cc062795664f609b5865b205da63cc365d7d451add142cadfe43428f2759','79689bade9dc90e25de74546f3513f3527ecb82656af28e16298dd6c5c19bf18');
INSERT INTO "audit" VALUES(9,'2027-06-15T12:09:00.000000Z','ben','agreement.accepted','ben','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','79689bade9dc90e25de74546f3513f3527ecb82656af28e16298dd6c5c19bf18','281d997b9a7dea76dfc7d61e2303cca6beb23800b38ecd35840b4f24204b3c02');
INSERT INTO "audit" VALUES(10,'2027-06-15T12:10:00.000000Z','chidi','agreement.accepted','chidi','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','281d997b9a7dea76dfc7d61e2303cca6beb23800b38ecd35840b4f24204b3c02','dfbbb41a2093ca1e0bb735dd6566689247f9b451a13e8c72d0004928e041d789');
INSERT INTO "audit" VALUES(11,'2027-06-15T12:11:00.000000Z','dora','agreement.accepted','dora','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','dfbbb41a2093ca1e0bb735dd6566689247f9b451a13e8c72d0004928e041d789','aad78d4f8099de6e4b65a4ba84dea092e75c6cc4501377332c8e0b8278943004');
INSERT INTO "audit" VALUES(12,'2027-06-15T12:12:00.000000Z','fay','agreement.accepted','fay','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','aad78d4f8099de6e4b65a4ba84dea092e75c6cc4501377332c8e0b8278943004','6e6351f648d77670757da0e3a07b9b3da8c0469c28daf2f41be006008309553e');
INSERT INTO "audit" VALUES(13,'2027-06-15T12:13:00.000000Z','gus','agreement.accepted','gus','{"agreement": "data-use", "version": 1, "text_sha256": "ce339b5bb275630f26ef35b60f4967e42975ec4c525873857bb0c148af65af6f"}','6e6351f648d77670757da0e3a07b9b3da8c0469c28daf2f41be006008309553e','1738d12394ce4ea89de3e3764fb572c9181ebc3255c26d5ff822725a353f5fbf');
INSERT INTO "audit" VALUES(14,'2027-06-15T12:14:00.000000Z','organizer','person.approved','anna','{}','1738d12394ce4ea89de3e3764fb572c9181ebc3255c26d5ff822725a353f5fbf','ccaf5b555c9855e96c9eea96553e5cb1defde6876faae60133812d3a312bfe50');
INSERT INTO "audit" VALUES(15,'2027-06-15T12:15:00.000000Z','organizer','person.approved','ben','{}','ccaf5b555c9855e96c9eea96553e5cb1defde6876faae60133812d3a312bfe50','3bf96bd713281d6aa53930f22072f7fa72073315120c3652460fcb6cad679d8a');
INSERT INTO "audit" VALUES(16,'2027-06-15T12:16:00.000000Z','organizer','person.approved','chidi','{}','3bf96bd713281d6aa53930f22072f7fa72073315120c3652460fcb6cad679d8a','9df37f46b688dd160e9774b4083d1e2e62db1b331bcc017c71187aaa1a3468da');
INSERT INTO "audit" VALUES(17,'2027-06-15T12:17:00.000000Z','organizer','person.approved','fay','{}','9df37f46b688dd160e9774b4083d1e2e62db1b331bcc017c71187aaa1a3468da','e0113483d5dddc228500365dfa93ecad2d41afbc3b6fa95ef9f03ab11110d54f');
INSERT INTO "audit" VALUES(18,'2027-06-15T12:18:00.000000Z','organizer','person.approved','gus','{}','e0113483d5dddc228500365dfa93ecad2d41afbc3b6fa95ef9f03ab11110d54f','2034c6a2344c667ea8a3ae24e2b8e958d33f17eebc9f86974130045d4c979fbb');
INSERT INTO "audit" VALUES(19,'2027-06-15T12:19:00.000000Z','anna','ssh-key.added','anna','{"fingerprint": "SHA256:HXTV7LqL6AqxH7vKDB6qTz4raeATzyN4135WnIR+epg"}','2034c6a2344c667ea8a3ae24e2b8e958d33f17eebc9f86974130045d4c979fbb','5d9329e867514b06efffe239960e580227e89eb7c49a131e51a463b77635478f');
INSERT INTO "audit" VALUES(20,'2027-06-15T12:20:00.000000Z','anna','git-token.issued','anna','{"label": "laptop"}','5d9329e867514b06efffe239960e580227e89eb7c49a131e51a463b77635478f','19dd2dcd9cebd386bb1a769334a450c380950607da72f68a55e0ccede5a1a243');
INSERT INTO "audit" VALUES(21,'2027-06-15T12:22:00.000000Z','ben','ssh-key.added','ben','{"fingerprint": "SHA256:Auea72DBu15i10CqgaQTz/oQJjX5MojB05xvyV0/03g"}','19dd2dcd9cebd386bb1a769334a450c380950607da72f68a55e0ccede5a1a243','d61e010a4d7ba7529a4b7332e1b7ce92ca90c29ecef506928fb1895bd9dc36f9');
INSERT INTO "audit" VALUES(22,'2027-06-15T12:23:00.000000Z','ben','git-token.issued','ben','{"label": "laptop"}','d61e010a4d7ba7529a4b7332e1b7ce92ca90c29ecef506928fb1895bd9dc36f9','03f20a08942cca2ce1ec2d6010a8045b9c5971dee1384e9ab937db373e653060');
INSERT INTO "audit" VALUES(23,'2027-06-15T12:25:00.000000Z','fay','ssh-key.added','fay','{"fingerprint": "SHA256:af7nnpluQ2dibuCgnmq9Sq4LDSy9lnFbfXs3tycsbxo"}','03f20a08942cca2ce1ec2d6010a8045b9c5971dee1384e9ab937db373e653060','04423a74820981e3ae9f4c6c5fc96cddbb7420131b60df1338bbad4c3850ad7f');
INSERT INTO "audit" VALUES(24,'2027-06-15T12:26:00.000000Z','fay','git-token.issued','fay','{"label": "laptop"}','04423a74820981e3ae9f4c6c5fc96cddbb7420131b60df1338bbad4c3850ad7f','fca4852c888744a8576ab4de19598f42de96b80ae3e1c21959e869cd306b3ab7');
INSERT INTO "audit" VALUES(25,'2027-06-15T12:28:00.000000Z','ben','git-token.issued','ben','{"label": "old laptop"}','fca4852c888744a8576ab4de19598f42de96b80ae3e1c21959e869cd306b3ab7','c1018d324abd6baf18ef6fbccf5bdceeb5e115e54624fd3b7a7a7a0a3d01878d');
INSERT INTO "audit" VALUES(26,'2027-06-15T12:29:00.000000Z','ben','git-token.revoked','ben','{"label": "old laptop"}','c1018d324abd6baf18ef6fbccf5bdceeb5e115e54624fd3b7a7a7a0a3d01878d','f57dc1d8148dbd9f0e3dd49a504f8d731a655557948b6139ac57b01f6037633b');
INSERT INTO "audit" VALUES(27,'2027-06-15T12:30:00.000000Z','organizer','person.revoked','fay','{"reason": "left the field", "sessions": 1, "git_tokens": 1, "ssh_keys": 1}','f57dc1d8148dbd9f0e3dd49a504f8d731a655557948b6139ac57b01f6037633b','1d7010b43b9941d3d7447eb1d4675846c59130f69b23f5811a7297a35df25650');
INSERT INTO "audit" VALUES(28,'2027-06-15T12:31:00.000000Z','organizer','password.reset-sent','gus','{}','1d7010b43b9941d3d7447eb1d4675846c59130f69b23f5811a7297a35df25650','45a5d714db7d9100f5112c69b7b8f1a7ee9ee2bd3eac393900df95e68b528384');
INSERT INTO "audit" VALUES(29,'2027-06-15T12:32:00.000000Z','anna','data.opened','training','{"path": "/train-01/t1.nii.gz", "transport": "sftp"}','45a5d714db7d9100f5112c69b7b8f1a7ee9ee2bd3eac393900df95e68b528384','a6879482bbdc852530dc339f3d852b8a11c1ba60917084f8cd5020ba6eeffccd');
INSERT INTO "audit" VALUES(30,'2027-06-15T12:34:00.000000Z','anna','data.opened','training','{"path": "/train-01/t1.nii.gz", "transport": "sftp"}','a6879482bbdc852530dc339f3d852b8a11c1ba60917084f8cd5020ba6eeffccd','6ff694fc7466eb706401463cfb997f44d3a2ec242ee9b5c6bf72c1b8eb4ceb01');
INSERT INTO "audit" VALUES(31,'2027-06-15T12:36:00.000000Z','anna','submission.accepted','1','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000001", "tag": "refs/tags/submission/1"}','6ff694fc7466eb706401463cfb997f44d3a2ec242ee9b5c6bf72c1b8eb4ceb01','ee13fc77b6b07bf0b83a895b4b80774fb8464807a112639623ba0f9fc10a89c2');
INSERT INTO "audit" VALUES(32,'2027-06-15T12:38:30.000000Z','platform','submission.scored','1','{"attempt": 1, "means": {"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}}','ee13fc77b6b07bf0b83a895b4b80774fb8464807a112639623ba0f9fc10a89c2','def0e356dbf21e03e7e4d1933e0cbbb548fb811010ae82b743aa08c895c633da');
INSERT INTO "audit" VALUES(33,'2027-06-15T12:40:30.000000Z','ben','submission.accepted','2','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000002", "tag": "refs/tags/submission/2"}','def0e356dbf21e03e7e4d1933e0cbbb548fb811010ae82b743aa08c895c633da','e3b94bade2e97cf4b2f91b455760323f48fafb6933885a1d48fe0c3060ff73ff');
INSERT INTO "audit" VALUES(34,'2027-06-15T12:43:00.000000Z','platform','submission.scored','2','{"attempt": 1, "means": {"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}}','e3b94bade2e97cf4b2f91b455760323f48fafb6933885a1d48fe0c3060ff73ff','1c2f0b9493371fe34630ea7d5a904c38fdd6f7b257b5a8dadf6c5ae8533d9c9b');
INSERT INTO "audit" VALUES(35,'2027-06-15T12:45:00.000000Z','chidi','submission.accepted','3','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000003", "tag": "refs/tags/submission/3"}','1c2f0b9493371fe34630ea7d5a904c38fdd6f7b257b5a8dadf6c5ae8533d9c9b','f76bbdc9ecfd054a52e187e7a1be7c7726a0f23e23ac391ae02ffbf787ca7720');
INSERT INTO "audit" VALUES(36,'2027-06-15T12:47:30.000000Z','platform','submission.scored','3','{"attempt": 1, "means": {"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}}','f76bbdc9ecfd054a52e187e7a1be7c7726a0f23e23ac391ae02ffbf787ca7720','ddf7279a216ab38e9f1fe568266c92f58aba50b56fd7448fd273613d5538b11f');
INSERT INTO "audit" VALUES(37,'2027-06-15T12:48:30.000000Z','anna','submission.accepted','4','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000004", "tag": "refs/tags/submission/4"}','ddf7279a216ab38e9f1fe568266c92f58aba50b56fd7448fd273613d5538b11f','c94207b417f785667e09defc94c4630e2b8e3b7b4dcb3d475a4f8b74666c9f65');
INSERT INTO "audit" VALUES(38,'2027-06-15T12:50:42.000000Z','platform','submission.failed','4','{"attempt": 1, "class": "participant", "code": "exit-code", "refunded": false}','c94207b417f785667e09defc94c4630e2b8e3b7b4dcb3d475a4f8b74666c9f65','f842d821e4e8b241e4c0be51f131f415f4fa4ce4c0f27b3845e6bc5fb08df135');
INSERT INTO "audit" VALUES(39,'2027-06-15T12:51:42.000000Z','ben','submission.accepted','5','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000005", "tag": "refs/tags/submission/5"}','f842d821e4e8b241e4c0be51f131f415f4fa4ce4c0f27b3845e6bc5fb08df135','60fd8a863bd28eaa2b10ba2ce20496429b95964deabca168781e5aab9baaeeb1');
INSERT INTO "audit" VALUES(40,'2027-06-15T12:54:12.000000Z','platform','submission.failed','5','{"attempt": 1, "class": "organizer", "code": "reference-missing", "refunded": true}','60fd8a863bd28eaa2b10ba2ce20496429b95964deabca168781e5aab9baaeeb1','9bbb5d78ccdf0f5d73a43bda6d5d2ce228253b865d8b7b042cea9bf7329b4909');
INSERT INTO "audit" VALUES(41,'2027-06-15T12:55:12.000000Z','chidi','submission.accepted','6','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000006", "tag": "refs/tags/submission/6"}','9bbb5d78ccdf0f5d73a43bda6d5d2ce228253b865d8b7b042cea9bf7329b4909','a8aa2062bee8f3d8ddf0375d1f8f9b39dee64c1edcbe5d4b32cd2d9543b39121');
INSERT INTO "audit" VALUES(42,'2027-06-15T13:43:36.000000Z','platform','submission.failed','6','{"attempt": 4, "class": "platform", "code": "disk-full", "refunded": true}','a8aa2062bee8f3d8ddf0375d1f8f9b39dee64c1edcbe5d4b32cd2d9543b39121','2d232d84d3aff3007bdcb409ce306c7a817e10a833633671099ade55d40148b9');
INSERT INTO "audit" VALUES(43,'2027-06-15T13:44:36.000000Z','anna','submission.accepted','7','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000007", "tag": "refs/tags/submission/7"}','2d232d84d3aff3007bdcb409ce306c7a817e10a833633671099ade55d40148b9','4583562ccf9c8ac10dda459cac6d34e42662d250c17946feaba1acedfb4075d3');
INSERT INTO "audit" VALUES(44,'2027-06-15T13:45:36.000000Z','anna','submission.cancel-requested','7','{}','4583562ccf9c8ac10dda459cac6d34e42662d250c17946feaba1acedfb4075d3','b044db03531e73eedf1ad9c31d9b8506811c00dcd5aef08cf26e82d431959fcd');
INSERT INTO "audit" VALUES(45,'2027-06-15T13:45:36.000000Z','platform','submission.cancelled','7','{}','b044db03531e73eedf1ad9c31d9b8506811c00dcd5aef08cf26e82d431959fcd','5a0c7da0ae59c08eca4a1286657889d1e979bebbe86861166c8ea965c85d50a7');
INSERT INTO "audit" VALUES(46,'2027-06-15T13:46:36.000000Z','ben','submission.accepted','8','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000008", "tag": "refs/tags/submission/8"}','5a0c7da0ae59c08eca4a1286657889d1e979bebbe86861166c8ea965c85d50a7','1a435c806f4bafe1ba6d1779c039f3b8215ec740fa225870391cf074a46c1a31');
INSERT INTO "audit" VALUES(47,'2027-06-15T13:48:54.000000Z','ben','submission.cancel-requested','8','{}','1a435c806f4bafe1ba6d1779c039f3b8215ec740fa225870391cf074a46c1a31','5a556a73ad91dcfe354f7465795975db35e0a813d13055b55469a97c2afe0a04');
INSERT INTO "audit" VALUES(48,'2027-06-15T13:49:54.000000Z','platform','submission.cancelled','8','{}','5a556a73ad91dcfe354f7465795975db35e0a813d13055b55469a97c2afe0a04','aad8ecaed280edb1b1d393a3b7851d9fef82d28d2ac71901646a3cf419610935');
INSERT INTO "audit" VALUES(49,'2027-06-15T13:50:54.000000Z','chidi','submission.accepted','9','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000009", "tag": "refs/tags/submission/9"}','aad8ecaed280edb1b1d393a3b7851d9fef82d28d2ac71901646a3cf419610935','27e4cf4e9ec8cafd0fe7f36c32fec853558e5943e6e3c8ffb4ed8a4c177d81ac');
INSERT INTO "audit" VALUES(50,'2027-06-15T13:53:00.000000Z','anna','submission.accepted','10','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000a", "tag": "refs/tags/submission/10"}','27e4cf4e9ec8cafd0fe7f36c32fec853558e5943e6e3c8ffb4ed8a4c177d81ac','1a2ef5eae47c46d074a78077220a2d60cbfb647226900f3f4cd5df69050e3ba6');
INSERT INTO "audit" VALUES(51,'2027-06-15T13:55:12.000000Z','ben','submission.accepted','11','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000b", "tag": "refs/tags/submission/11"}','1a2ef5eae47c46d074a78077220a2d60cbfb647226900f3f4cd5df69050e3ba6','6f1d96973196e799ee6ba5f96c851d09e2643c2d78cbc8931e6eac08eb97acc0');
INSERT INTO "audit" VALUES(52,'2027-06-15T13:57:30.000000Z','chidi','submission.accepted','12','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000c", "tag": "refs/tags/submission/12"}','6f1d96973196e799ee6ba5f96c851d09e2643c2d78cbc8931e6eac08eb97acc0','b799cf000ca393b53060d588da6e9ef0738c4fd7179169be0382ac22da88524c');
INSERT INTO "audit" VALUES(53,'2027-06-15T13:59:54.000000Z','anna','submission.accepted','13','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000d", "tag": "refs/tags/submission/13"}','b799cf000ca393b53060d588da6e9ef0738c4fd7179169be0382ac22da88524c','0f3e9e8110ab6a4881bc0e0f253f3eb1aaaa132561bb16c4f5a297dab8bc4c71');
INSERT INTO "audit" VALUES(54,'2027-06-15T14:02:24.000000Z','ben','submission.accepted','14','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000e", "tag": "refs/tags/submission/14"}','0f3e9e8110ab6a4881bc0e0f253f3eb1aaaa132561bb16c4f5a297dab8bc4c71','9d318bfdb1f9cbdc9ef58fc39c1d7fa94a4ce341e64286fd4c1090ab53c9a03f');
INSERT INTO "audit" VALUES(55,'2027-06-15T14:04:36.000000Z','chidi','submission.accepted','15','{"phase": "preliminary", "commit": "000000000000000000000000000000000000000f", "tag": "refs/tags/submission/15"}','9d318bfdb1f9cbdc9ef58fc39c1d7fa94a4ce341e64286fd4c1090ab53c9a03f','44ccf93f3d5beb5c20fa3aa38c824acf7afbbc6f998d2efaf94682e079ee10d0');
INSERT INTO "audit" VALUES(56,'2027-06-15T14:06:54.000000Z','anna','submission.accepted','16','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000010", "tag": "refs/tags/submission/16"}','44ccf93f3d5beb5c20fa3aa38c824acf7afbbc6f998d2efaf94682e079ee10d0','474c0ae09fdbd5e5b9dcb158b6f8349574055094b753f89cd6961584e2243cb9');
INSERT INTO "audit" VALUES(57,'2027-06-15T14:09:12.000000Z','anna','submission.cancel-requested','16','{}','474c0ae09fdbd5e5b9dcb158b6f8349574055094b753f89cd6961584e2243cb9','f4a722ef5406d6f0cdcb20c396a41c709e0abe4e80babc3ee971a6e23b747d1a');
INSERT INTO "audit" VALUES(58,'2027-06-15T14:10:12.000000Z','ben','submission.accepted','17','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000011", "tag": "refs/tags/submission/17"}','f4a722ef5406d6f0cdcb20c396a41c709e0abe4e80babc3ee971a6e23b747d1a','ef53c14a544a93697affa418297b58a93bccfabfa20e78f1ffffaaa1b1ba5ab6');
INSERT INTO "audit" VALUES(59,'2027-06-15T14:35:12.000000Z','chidi','submission.accepted','18','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000012", "tag": "refs/tags/submission/18"}','ef53c14a544a93697affa418297b58a93bccfabfa20e78f1ffffaaa1b1ba5ab6','b6f138ef0a3859391efdf5657e7fa0d7ed37a78e9042096595a82ce70c1e0527');
INSERT INTO "audit" VALUES(60,'2027-06-15T14:36:12.000000Z','anna','submission.accepted','19','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000013", "tag": "refs/tags/submission/19"}','b6f138ef0a3859391efdf5657e7fa0d7ed37a78e9042096595a82ce70c1e0527','cc1a70ec5dc8bebf990cbee76ffd9e3ff6028f98766f523c1da3a9b70f0ad103');
INSERT INTO "audit" VALUES(61,'2027-06-15T14:37:12.000000Z','ben','submission.accepted','20','{"phase": "preliminary", "commit": "0000000000000000000000000000000000000014", "tag": "refs/tags/submission/20"}','cc1a70ec5dc8bebf990cbee76ffd9e3ff6028f98766f523c1da3a9b70f0ad103','98fe34fde8062b73b9ba28d42552c11e82e67ea3c3e3734641f9cde8f71d9d6b');
INSERT INTO "audit" VALUES(62,'2027-06-15T14:38:12.000000Z','platform','submission.withdrawn','20','{"commit": "0000000000000000000000000000000000000014", "tag": "refs/tags/submission/20"}','98fe34fde8062b73b9ba28d42552c11e82e67ea3c3e3734641f9cde8f71d9d6b','01d26c8648b550d7fc583613ffa33268df7791a6ae7347d2e24a0fafd4435744');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	from_state VARCHAR(16), 
	to_state VARCHAR(16) NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES(1,1,'2027-06-15T12:36:00.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(2,1,'2027-06-15T12:37:06.000000Z','received','checked','');
INSERT INTO "events" VALUES(3,1,'2027-06-15T12:37:12.000000Z','checked','canary','');
INSERT INTO "events" VALUES(4,1,'2027-06-15T12:37:18.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(5,1,'2027-06-15T12:37:24.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(6,1,'2027-06-15T12:37:30.000000Z','predicted','scoring','');
INSERT INTO "events" VALUES(7,1,'2027-06-15T12:38:30.000000Z','scoring','scored','');
INSERT INTO "events" VALUES(8,1,'2027-06-15T12:39:30.000000Z','scored','published','');
INSERT INTO "events" VALUES(9,2,'2027-06-15T12:40:30.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(10,2,'2027-06-15T12:41:36.000000Z','received','checked','');
INSERT INTO "events" VALUES(11,2,'2027-06-15T12:41:42.000000Z','checked','canary','');
INSERT INTO "events" VALUES(12,2,'2027-06-15T12:41:48.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(13,2,'2027-06-15T12:41:54.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(14,2,'2027-06-15T12:42:00.000000Z','predicted','scoring','');
INSERT INTO "events" VALUES(15,2,'2027-06-15T12:43:00.000000Z','scoring','scored','');
INSERT INTO "events" VALUES(16,2,'2027-06-15T12:44:00.000000Z','scored','published','');
INSERT INTO "events" VALUES(17,3,'2027-06-15T12:45:00.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(18,3,'2027-06-15T12:46:06.000000Z','received','checked','');
INSERT INTO "events" VALUES(19,3,'2027-06-15T12:46:12.000000Z','checked','canary','');
INSERT INTO "events" VALUES(20,3,'2027-06-15T12:46:18.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(21,3,'2027-06-15T12:46:24.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(22,3,'2027-06-15T12:46:30.000000Z','predicted','scoring','');
INSERT INTO "events" VALUES(23,3,'2027-06-15T12:47:30.000000Z','scoring','scored','');
INSERT INTO "events" VALUES(24,4,'2027-06-15T12:48:30.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(25,4,'2027-06-15T12:49:36.000000Z','received','checked','');
INSERT INTO "events" VALUES(26,4,'2027-06-15T12:49:42.000000Z','checked','canary','');
INSERT INTO "events" VALUES(27,4,'2027-06-15T12:50:42.000000Z','canary','failed','a exit-code of participant');
INSERT INTO "events" VALUES(28,5,'2027-06-15T12:51:42.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(29,5,'2027-06-15T12:52:48.000000Z','received','checked','');
INSERT INTO "events" VALUES(30,5,'2027-06-15T12:52:54.000000Z','checked','canary','');
INSERT INTO "events" VALUES(31,5,'2027-06-15T12:53:00.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(32,5,'2027-06-15T12:53:06.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(33,5,'2027-06-15T12:53:12.000000Z','predicted','scoring','');
INSERT INTO "events" VALUES(34,5,'2027-06-15T12:54:12.000000Z','scoring','failed','a reference-missing of organizer');
INSERT INTO "events" VALUES(35,6,'2027-06-15T12:55:12.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(36,6,'2027-06-15T13:06:18.000000Z','received','checked','');
INSERT INTO "events" VALUES(37,6,'2027-06-15T13:07:18.000000Z','checked','received','a fault of the platform, not yours: a disk-full of platform');
INSERT INTO "events" VALUES(38,6,'2027-06-15T13:18:24.000000Z','received','checked','');
INSERT INTO "events" VALUES(39,6,'2027-06-15T13:19:24.000000Z','checked','received','a fault of the platform, not yours: a disk-full of platform');
INSERT INTO "events" VALUES(40,6,'2027-06-15T13:30:30.000000Z','received','checked','');
INSERT INTO "events" VALUES(41,6,'2027-06-15T13:31:30.000000Z','checked','received','a fault of the platform, not yours: a disk-full of platform');
INSERT INTO "events" VALUES(42,6,'2027-06-15T13:42:36.000000Z','received','checked','');
INSERT INTO "events" VALUES(43,6,'2027-06-15T13:43:36.000000Z','checked','failed','a disk-full of platform');
INSERT INTO "events" VALUES(44,7,'2027-06-15T13:44:36.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(45,7,'2027-06-15T13:45:36.000000Z','received','received','anna asked to cancel');
INSERT INTO "events" VALUES(46,7,'2027-06-15T13:45:36.000000Z','received','cancelled','');
INSERT INTO "events" VALUES(47,8,'2027-06-15T13:46:36.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(48,8,'2027-06-15T13:47:42.000000Z','received','checked','');
INSERT INTO "events" VALUES(49,8,'2027-06-15T13:47:48.000000Z','checked','canary','');
INSERT INTO "events" VALUES(50,8,'2027-06-15T13:47:54.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(51,8,'2027-06-15T13:48:54.000000Z','predicting','predicting','ben asked to cancel');
INSERT INTO "events" VALUES(52,8,'2027-06-15T13:49:54.000000Z','predicting','cancelled','');
INSERT INTO "events" VALUES(53,9,'2027-06-15T13:50:54.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(54,9,'2027-06-15T13:52:00.000000Z','received','checked','');
INSERT INTO "events" VALUES(55,10,'2027-06-15T13:53:00.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(56,10,'2027-06-15T13:54:06.000000Z','received','checked','');
INSERT INTO "events" VALUES(57,10,'2027-06-15T13:54:12.000000Z','checked','canary','');
INSERT INTO "events" VALUES(58,11,'2027-06-15T13:55:12.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(59,11,'2027-06-15T13:56:18.000000Z','received','checked','');
INSERT INTO "events" VALUES(60,11,'2027-06-15T13:56:24.000000Z','checked','canary','');
INSERT INTO "events" VALUES(61,11,'2027-06-15T13:56:30.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(62,12,'2027-06-15T13:57:30.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(63,12,'2027-06-15T13:58:36.000000Z','received','checked','');
INSERT INTO "events" VALUES(64,12,'2027-06-15T13:58:42.000000Z','checked','canary','');
INSERT INTO "events" VALUES(65,12,'2027-06-15T13:58:48.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(66,12,'2027-06-15T13:58:54.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(67,13,'2027-06-15T13:59:54.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(68,13,'2027-06-15T14:01:00.000000Z','received','checked','');
INSERT INTO "events" VALUES(69,13,'2027-06-15T14:01:06.000000Z','checked','canary','');
INSERT INTO "events" VALUES(70,13,'2027-06-15T14:01:12.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(71,13,'2027-06-15T14:01:18.000000Z','predicting','predicted','');
INSERT INTO "events" VALUES(72,13,'2027-06-15T14:01:24.000000Z','predicted','scoring','');
INSERT INTO "events" VALUES(73,14,'2027-06-15T14:02:24.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(74,14,'2027-06-15T14:03:30.000000Z','received','checked','');
INSERT INTO "events" VALUES(75,14,'2027-06-15T14:03:36.000000Z','checked','building','');
INSERT INTO "events" VALUES(76,15,'2027-06-15T14:04:36.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(77,15,'2027-06-15T14:05:42.000000Z','received','checked','');
INSERT INTO "events" VALUES(78,15,'2027-06-15T14:05:48.000000Z','checked','building','');
INSERT INTO "events" VALUES(79,15,'2027-06-15T14:05:54.000000Z','building','built','');
INSERT INTO "events" VALUES(80,16,'2027-06-15T14:06:54.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(81,16,'2027-06-15T14:08:00.000000Z','received','checked','');
INSERT INTO "events" VALUES(82,16,'2027-06-15T14:08:06.000000Z','checked','canary','');
INSERT INTO "events" VALUES(83,16,'2027-06-15T14:08:12.000000Z','canary','predicting','');
INSERT INTO "events" VALUES(84,16,'2027-06-15T14:09:12.000000Z','predicting','predicting','anna asked to cancel');
INSERT INTO "events" VALUES(85,17,'2027-06-15T14:10:12.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(86,17,'2027-06-15T14:22:12.000000Z','received','received','a fault of the platform, not yours: a lost of platform');
INSERT INTO "events" VALUES(87,17,'2027-06-15T14:34:12.000000Z','received','received','a fault of the platform, not yours: a lost of platform');
INSERT INTO "events" VALUES(88,18,'2027-06-15T14:35:12.000000Z',NULL,'received','pushed');
INSERT INTO "events" VALUES(89,19,'2027-06-15T14:36:12.000000Z',NULL,'received','pushed');
CREATE TABLE git_tokens (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	token_sha256 VARCHAR(64) NOT NULL, 
	label VARCHAR(80) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	last_used_at VARCHAR(27), 
	revoked_at VARCHAR(27), 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES people (id), 
	UNIQUE (token_sha256)
);
INSERT INTO "git_tokens" VALUES(1,1,'8c3dd166709ab0f7eff62cc52e49ca794fb5cad80eaab5ef4624916971e7f0aa','laptop','2027-06-15T12:20:00.000000Z',NULL,NULL);
INSERT INTO "git_tokens" VALUES(2,2,'bcb877776de30e3a266df54741f635a54db9746f91a5ba0b3aca5a53d66cc3bc','laptop','2027-06-15T12:23:00.000000Z',NULL,NULL);
INSERT INTO "git_tokens" VALUES(3,6,'f26306a62ad207c8c1747468ef03bf18f66dabe03cf4cb0207b89a1bbb28d9fa','laptop','2027-06-15T12:26:00.000000Z',NULL,'2027-06-15T12:30:00.000000Z');
INSERT INTO "git_tokens" VALUES(4,2,'c9b22354f5d8c7ce94b72b67883666075fcd6b8fd515d3150b5027ab20388e28','old laptop','2027-06-15T12:28:00.000000Z',NULL,'2027-06-15T12:29:00.000000Z');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('last_submission','20');
CREATE TABLE password_resets (
	token_sha256 VARCHAR(64) NOT NULL, 
	person_id INTEGER NOT NULL, 
	expires_at VARCHAR(27) NOT NULL, 
	used_at VARCHAR(27), 
	PRIMARY KEY (token_sha256), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "password_resets" VALUES('d10ae7baaaff9c4be66840609c223617018cb3cd1a473ff3c33587e2925ea549',7,'2027-06-15T13:31:00.000000Z',NULL);
CREATE TABLE people (
	id INTEGER NOT NULL, 
	username VARCHAR(39) NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	team_id INTEGER, 
	status VARCHAR(16) NOT NULL, 
	answers JSON NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	decided_at VARCHAR(27), 
	decided_by VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (username), 
	UNIQUE (email), 
	FOREIGN KEY(team_id) REFERENCES teams (id)
);
INSERT INTO "people" VALUES(1,'anna','anna@example.org','Anna Example','$argon2id$v=19$m=19456,t=2,p=1$rL/5rC0reFo6OZciJRI0CA$jETmpyVcNGH7nvbHtqAOe6bhbbHaRerkazmlch986ho',1,'approved','{"affiliation": "somewhere"}','2027-06-15T12:01:00.000000Z','2027-06-15T12:14:00.000000Z','organizer');
INSERT INTO "people" VALUES(2,'ben','ben@example.org','Ben Example','$argon2id$v=19$m=19456,t=2,p=1$VyZcIkyylpLwjO1nLlS+pg$ub/cNOiwZ3pTsHqU6bF8dPxLmvcZ7u3PUbHXdmMMH0w',2,'approved','{"affiliation": "somewhere"}','2027-06-15T12:02:00.000000Z','2027-06-15T12:15:00.000000Z','organizer');
INSERT INTO "people" VALUES(3,'chidi','chidi@example.org','Chidi Example','$argon2id$v=19$m=19456,t=2,p=1$4bdE0u88Qb+VbKB+UjiscQ$E7IoXdF2liPgRH37mAxvLcY2AbaYaQ9aCSl+ExEDGd8',3,'approved','{"affiliation": "somewhere"}','2027-06-15T12:03:00.000000Z','2027-06-15T12:16:00.000000Z','organizer');
INSERT INTO "people" VALUES(4,'dora','dora@example.org','Dora Example','$argon2id$v=19$m=19456,t=2,p=1$pBBWliIslBFMQ++Y5wc9/Q$IuhpOwaOk1hrKMlxqXXBBGp0r9NzVgLQbzr46adI5kE',4,'waiting','{"affiliation": "somewhere"}','2027-06-15T12:04:00.000000Z',NULL,NULL);
INSERT INTO "people" VALUES(5,'emil','emil@example.org','Emil Example','$argon2id$v=19$m=19456,t=2,p=1$gfBooMRzuR8JPtmgQ4APIQ$1DD6GvZ+I2LedJ6kBUclxvC5LyK6tH+A9A61N1e0EQE',5,'registered','{"affiliation": "somewhere"}','2027-06-15T12:05:00.000000Z',NULL,NULL);
INSERT INTO "people" VALUES(6,'fay','fay@example.org','Fay Example','$argon2id$v=19$m=19456,t=2,p=1$j9yUsxqI90ZtMguqMnZ0/A$IoFuStKYPBJhmK4CcCvVUUfkTPcFgMsRktmku3hxrpg',6,'revoked','{"affiliation": "somewhere"}','2027-06-15T12:06:00.000000Z','2027-06-15T12:30:00.000000Z','organizer');
INSERT INTO "people" VALUES(7,'gus','gus@example.org','Gus Example','$argon2id$v=19$m=19456,t=2,p=1$ghWNMZRrUmHEvezv0nEDfQ$+GuuxAgJHirAriVT1msgLF3i52yxaOV3L3WeRR3CT+w',1,'approved','{"affiliation": "somewhere"}','2027-06-15T12:07:00.000000Z','2027-06-15T12:18:00.000000Z','organizer');
CREATE TABLE results (
	submission_id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	run_s FLOAT NOT NULL, 
	score_s FLOAT NOT NULL, 
	means JSON NOT NULL, 
	PRIMARY KEY (submission_id), 
	FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);
INSERT INTO "results" VALUES(1,1,'2027-06-15T12:38:30.000000Z',1.5,0.25,'{"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}');
INSERT INTO "results" VALUES(2,1,'2027-06-15T12:43:00.000000Z',1.5,0.25,'{"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}');
INSERT INTO "results" VALUES(3,1,'2027-06-15T12:47:30.000000Z',1.5,0.25,'{"dice": 0.75, "dice:1": 0.75, "dice:2": 0.75, "dice:3": 0.75, "hd95": 0.75}');
CREATE TABLE scores (
	submission_id INTEGER NOT NULL, 
	case_id VARCHAR(100) NOT NULL, 
	"column" VARCHAR(80) NOT NULL, 
	value FLOAT NOT NULL, 
	flag VARCHAR(24) NOT NULL, 
	PRIMARY KEY (submission_id, case_id, "column"), 
	FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);
INSERT INTO "scores" VALUES(1,'public-01','dice',0.5,'ok');
INSERT INTO "scores" VALUES(1,'public-01','dice:1',0.51,'ok');
INSERT INTO "scores" VALUES(1,'public-01','dice:2',0.52,'ok');
INSERT INTO "scores" VALUES(1,'public-01','dice:3',0.53,'ok');
INSERT INTO "scores" VALUES(1,'public-01','hd95',0.54,'ok');
INSERT INTO "scores" VALUES(1,'public-02','dice',0.55,'ok');
INSERT INTO "scores" VALUES(1,'public-02','dice:1',0.56,'ok');
INSERT INTO "scores" VALUES(1,'public-02','dice:2',5.70000000000000062172e-01,'ok');
INSERT INTO "scores" VALUES(1,'public-02','dice:3',0.58,'ok');
INSERT INTO "scores" VALUES(1,'public-02','hd95',0.59,'one-empty');
INSERT INTO "scores" VALUES(1,'public-03','dice',0.6,'ok');
INSERT INTO "scores" VALUES(1,'public-03','dice:1',0.61,'ok');
INSERT INTO "scores" VALUES(1,'public-03','dice:2',0.62,'ok');
INSERT INTO "scores" VALUES(1,'public-03','dice:3',0.63,'ok');
INSERT INTO "scores" VALUES(1,'public-03','hd95',0.64,'ok');
INSERT INTO "scores" VALUES(1,'public-04','dice',0.65,'ok');
INSERT INTO "scores" VALUES(1,'public-04','dice:1',0.66,'ok');
INSERT INTO "scores" VALUES(1,'public-04','dice:2',0.67,'ok');
INSERT INTO "scores" VALUES(1,'public-04','dice:3',6.79999999999999937827e-01,'ok');
INSERT INTO "scores" VALUES(1,'public-04','hd95',0.69,'ok');
INSERT INTO "scores" VALUES(2,'public-01','dice',0.5,'ok');
INSERT INTO "scores" VALUES(2,'public-01','dice:1',0.51,'ok');
INSERT INTO "scores" VALUES(2,'public-01','dice:2',0.52,'ok');
INSERT INTO "scores" VALUES(2,'public-01','dice:3',0.53,'ok');
INSERT INTO "scores" VALUES(2,'public-01','hd95',0.54,'ok');
INSERT INTO "scores" VALUES(2,'public-02','dice',0.55,'ok');
INSERT INTO "scores" VALUES(2,'public-02','dice:1',0.56,'ok');
INSERT INTO "scores" VALUES(2,'public-02','dice:2',5.70000000000000062172e-01,'ok');
INSERT INTO "scores" VALUES(2,'public-02','dice:3',0.58,'ok');
INSERT INTO "scores" VALUES(2,'public-02','hd95',0.59,'one-empty');
INSERT INTO "scores" VALUES(2,'public-03','dice',0.6,'ok');
INSERT INTO "scores" VALUES(2,'public-03','dice:1',0.61,'ok');
INSERT INTO "scores" VALUES(2,'public-03','dice:2',0.62,'ok');
INSERT INTO "scores" VALUES(2,'public-03','dice:3',0.63,'ok');
INSERT INTO "scores" VALUES(2,'public-03','hd95',0.64,'ok');
INSERT INTO "scores" VALUES(2,'public-04','dice',0.65,'ok');
INSERT INTO "scores" VALUES(2,'public-04','dice:1',0.66,'ok');
INSERT INTO "scores" VALUES(2,'public-04','dice:2',0.67,'ok');
INSERT INTO "scores" VALUES(2,'public-04','dice:3',6.79999999999999937827e-01,'ok');
INSERT INTO "scores" VALUES(2,'public-04','hd95',0.69,'ok');
INSERT INTO "scores" VALUES(3,'public-01','dice',0.5,'ok');
INSERT INTO "scores" VALUES(3,'public-01','dice:1',0.51,'ok');
INSERT INTO "scores" VALUES(3,'public-01','dice:2',0.52,'ok');
INSERT INTO "scores" VALUES(3,'public-01','dice:3',0.53,'ok');
INSERT INTO "scores" VALUES(3,'public-01','hd95',0.54,'ok');
INSERT INTO "scores" VALUES(3,'public-02','dice',0.55,'ok');
INSERT INTO "scores" VALUES(3,'public-02','dice:1',0.56,'ok');
INSERT INTO "scores" VALUES(3,'public-02','dice:2',5.70000000000000062172e-01,'ok');
INSERT INTO "scores" VALUES(3,'public-02','dice:3',0.58,'ok');
INSERT INTO "scores" VALUES(3,'public-02','hd95',0.59,'one-empty');
INSERT INTO "scores" VALUES(3,'public-03','dice',0.6,'ok');
INSERT INTO "scores" VALUES(3,'public-03','dice:1',0.61,'ok');
INSERT INTO "scores" VALUES(3,'public-03','dice:2',0.62,'ok');
INSERT INTO "scores" VALUES(3,'public-03','dice:3',0.63,'ok');
INSERT INTO "scores" VALUES(3,'public-03','hd95',0.64,'ok');
INSERT INTO "scores" VALUES(3,'public-04','dice',0.65,'ok');
INSERT INTO "scores" VALUES(3,'public-04','dice:1',0.66,'ok');
INSERT INTO "scores" VALUES(3,'public-04','dice:2',0.67,'ok');
INSERT INTO "scores" VALUES(3,'public-04','dice:3',6.79999999999999937827e-01,'ok');
INSERT INTO "scores" VALUES(3,'public-04','hd95',0.69,'ok');
CREATE TABLE sessions (
	token_sha256 VARCHAR(64) NOT NULL, 
	person_id INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	expires_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (token_sha256), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "sessions" VALUES('53bc0e37f3dab538f75cb36d7c381915731609c453b3b16a287deb7d0516cad5',1,'Q1yQpPxMwClYPJ130WOZKFC13LbYoO3_vHSaoTxAeJ0','2027-06-15T12:21:00.000000Z','2027-06-22T12:21:00.000000Z');
INSERT INTO "sessions" VALUES('8a4b77a936c65f5b128d7068e364eb183eb2d56504d0cc7ee23e444aa43141b1',2,'Frkkb2ubMnhD1EOfk2pjdmgKKKTzSEcJtA3rkxyXP-A','2027-06-15T12:24:00.000000Z','2027-06-22T12:24:00.000000Z');
CREATE TABLE ssh_keys (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	public_key TEXT NOT NULL, 
	label VARCHAR(80) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES people (id), 
	UNIQUE (fingerprint)
);
INSERT INTO "ssh_keys" VALUES(1,1,'SHA256:HXTV7LqL6AqxH7vKDB6qTz4raeATzyN4135WnIR+epg','ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJSNNbcmhUodaSX7iLh/5C/soZzzC19Ctp8LR/YfPWkS','laptop','2027-06-15T12:19:00.000000Z');
INSERT INTO "ssh_keys" VALUES(2,2,'SHA256:Auea72DBu15i10CqgaQTz/oQJjX5MojB05xvyV0/03g','ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJoZRBvUSg/PWguJsaE3fXW1drob6xKnB1UbC6YGz4mP','laptop','2027-06-15T12:22:00.000000Z');
CREATE TABLE submissions (
	id INTEGER NOT NULL, 
	challenge VARCHAR(39) NOT NULL, 
	phase VARCHAR(39) NOT NULL, 
	task VARCHAR(39) NOT NULL, 
	team_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	commit_sha VARCHAR(64) NOT NULL, 
	tag VARCHAR(200) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	manifest JSON NOT NULL, 
	nonce VARCHAR(32) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	state_since VARCHAR(27) NOT NULL, 
	note TEXT NOT NULL, 
	token INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	worker VARCHAR, 
	lease_until VARCHAR(27), 
	not_before VARCHAR(27), 
	platform_faults INTEGER NOT NULL, 
	fault_class VARCHAR(16), 
	fault_code VARCHAR(40), 
	fault_message TEXT, 
	refunded BOOLEAN NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	received_at VARCHAR(27) NOT NULL, 
	confirmed_at VARCHAR(27), 
	finished_at VARCHAR(27), 
	receipt JSON NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_per_commit UNIQUE (challenge, phase, team_id, commit_sha), 
	FOREIGN KEY(team_id) REFERENCES teams (id), 
	FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "submissions" VALUES(1,'brain-tissue','preliminary','tissue',1,1,'0000000000000000000000000000000000000001','refs/tags/submission/1','code','{"task": "tissue", "run": ["python", "predict.py"]}','5fe6a1dcd15ea5b0caa55944a84259ec','published','2027-06-15T12:39:30.000000Z','',1,1,NULL,NULL,NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T12:36:00.000000Z','2027-06-15T12:36:00.000000Z','2027-06-15T12:38:30.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "0000000000000000000000000000000000000001", "tag": "refs/tags/submission/1", "submission": 1, "received_at": "2027-06-15T12:36:00Z", "decision": "accepted", "signature": "1KN4vgGFDP09EkwYAA2gYq0ckNROJg1m34Cj7/p+OZFmDktQzS9hMlB8LQBVsGJEgD7ZOpkmJinIHovdRdK+Dg==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(2,'brain-tissue','preliminary','tissue',2,2,'0000000000000000000000000000000000000002','refs/tags/submission/2','code','{"task": "tissue", "run": ["python", "predict.py"]}','21b090159d9c27247d7a6402ec45ec16','published','2027-06-15T12:44:00.000000Z','',1,1,NULL,NULL,NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T12:40:30.000000Z','2027-06-15T12:40:30.000000Z','2027-06-15T12:43:00.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "0000000000000000000000000000000000000002", "tag": "refs/tags/submission/2", "submission": 2, "received_at": "2027-06-15T12:40:30Z", "decision": "accepted", "signature": "f1LPiypOW1QMlFCNdXBjRuCkP93TQy+haTN4Q9Fjeh4IWj56KOe93NFoh5H5OUHLDubQRJpK9rtTieN4dSsyBQ==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(3,'brain-tissue','preliminary','tissue',3,3,'0000000000000000000000000000000000000003','refs/tags/submission/3','code','{"task": "tissue", "run": ["python", "predict.py"]}','c47033f120901ea01e5db2833a180ca3','scored','2027-06-15T12:47:30.000000Z','',1,1,NULL,NULL,NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T12:45:00.000000Z','2027-06-15T12:45:00.000000Z','2027-06-15T12:47:30.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "0000000000000000000000000000000000000003", "tag": "refs/tags/submission/3", "submission": 3, "received_at": "2027-06-15T12:45:00Z", "decision": "accepted", "signature": "9umO59K88OsThMNdEC53owBGcEZyyPWhpncdVTi1l3IADLR7Fn9QUnSfZf2wDGSCyQ9LJ+e/iig6kLnQrEhHAw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(4,'brain-tissue','preliminary','tissue',1,1,'0000000000000000000000000000000000000004','refs/tags/submission/4','code','{"task": "tissue", "run": ["python", "predict.py"]}','d3e9603e0634fc83c2e2d55300482a48','failed','2027-06-15T12:50:42.000000Z','a exit-code of participant',1,1,NULL,NULL,NULL,0,'participant','exit-code','a exit-code of participant',0,0,'2027-06-15T12:48:30.000000Z','2027-06-15T12:48:30.000000Z','2027-06-15T12:50:42.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "0000000000000000000000000000000000000004", "tag": "refs/tags/submission/4", "submission": 4, "received_at": "2027-06-15T12:48:30Z", "decision": "accepted", "signature": "swFi2kHnzFP9MNug/rdVUrzk1SQiGOKxLp/kdOSPmnKJfL621StX1DjZDL6MhxsYBmUyiCWorDr6tohg85K9CA==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(5,'brain-tissue','preliminary','tissue',2,2,'0000000000000000000000000000000000000005','refs/tags/submission/5','code','{"task": "tissue", "run": ["python", "predict.py"]}','df195739c199eb80beebd07e05cff70f','failed','2027-06-15T12:54:12.000000Z','a reference-missing of organizer',1,1,NULL,NULL,NULL,0,'organizer','reference-missing','a reference-missing of organizer',1,0,'2027-06-15T12:51:42.000000Z','2027-06-15T12:51:42.000000Z','2027-06-15T12:54:12.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "0000000000000000000000000000000000000005", "tag": "refs/tags/submission/5", "submission": 5, "received_at": "2027-06-15T12:51:42Z", "decision": "accepted", "signature": "pJ+7dU7lt0haRTrwuq6F+pRHEq9Q5esm0RG1y0wmaFVjfc30WZsgKZCqSvey9Ye6VdBi9t1LjasxrNzqnVFfBA==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(6,'brain-tissue','preliminary','tissue',3,3,'0000000000000000000000000000000000000006','refs/tags/submission/6','code','{"task": "tissue", "run": ["python", "predict.py"]}','be1590301ee9ead7a98cbe87e411aeea','failed','2027-06-15T13:43:36.000000Z','a disk-full of platform',7,4,NULL,NULL,NULL,4,'platform','disk-full','a disk-full of platform',1,0,'2027-06-15T12:55:12.000000Z','2027-06-15T12:55:12.000000Z','2027-06-15T13:43:36.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "0000000000000000000000000000000000000006", "tag": "refs/tags/submission/6", "submission": 6, "received_at": "2027-06-15T12:55:12Z", "decision": "accepted", "signature": "mzIaKkHmMg/njxCr4ZMPJbMNEbpBsMZPuNzDOVsyVL07+eBSidlJRuUBmxsbifnZhriIx+rn0zJqelqSW4qmAw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(7,'brain-tissue','preliminary','tissue',1,1,'0000000000000000000000000000000000000007','refs/tags/submission/7','code','{"task": "tissue", "run": ["python", "predict.py"]}','4b14a7623dff5b537dba44237eaa2ad9','cancelled','2027-06-15T13:45:36.000000Z','',0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,0,1,'2027-06-15T13:44:36.000000Z','2027-06-15T13:44:36.000000Z','2027-06-15T13:45:36.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "0000000000000000000000000000000000000007", "tag": "refs/tags/submission/7", "submission": 7, "received_at": "2027-06-15T13:44:36Z", "decision": "accepted", "signature": "b5fDwH1laaNUnDzDbWgv0tpF4qdKOycliaVfwYFgtiNlPxO4T4LnoFPT3WgaGEgsGMv3j8yLelEuH+Ul/W49Aw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(8,'brain-tissue','preliminary','tissue',2,2,'0000000000000000000000000000000000000008','refs/tags/submission/8','code','{"task": "tissue", "run": ["python", "predict.py"]}','a3cb9f665ea87793ffb18e242a28040c','cancelled','2027-06-15T13:49:54.000000Z','',1,1,NULL,NULL,NULL,0,NULL,NULL,NULL,0,1,'2027-06-15T13:46:36.000000Z','2027-06-15T13:46:36.000000Z','2027-06-15T13:49:54.000000Z','{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "0000000000000000000000000000000000000008", "tag": "refs/tags/submission/8", "submission": 8, "received_at": "2027-06-15T13:46:36Z", "decision": "accepted", "signature": "CNzpjVjHudU0JMtIZlJBMWna8YIdzcsvXQ5K0Zvdud6G0jykw32PDHSybWLZ+xis63QPou6Tm7pogTHOPyRRAQ==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(9,'brain-tissue','preliminary','tissue',3,3,'0000000000000000000000000000000000000009','refs/tags/submission/9','code','{"task": "tissue", "run": ["python", "predict.py"]}','228c6470329eece053ba5ed77765acfd','checked','2027-06-15T13:52:00.000000Z','',1,1,'embedded-1','2027-06-15T14:01:54.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T13:50:54.000000Z','2027-06-15T13:50:54.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "0000000000000000000000000000000000000009", "tag": "refs/tags/submission/9", "submission": 9, "received_at": "2027-06-15T13:50:54Z", "decision": "accepted", "signature": "Wl+Xfn40xlnRJcblW4F+L5QYO95yS7dcUrMHuvgV3EvHgYWDMx7M2SiVRtBOJp/SZExtUW4MGLAsu+BE0rbsDw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(10,'brain-tissue','preliminary','tissue',1,1,'000000000000000000000000000000000000000a','refs/tags/submission/10','code','{"task": "tissue", "run": ["python", "predict.py"]}','06dd363284501bb3eae639ca07f15d83','canary','2027-06-15T13:54:12.000000Z','',1,1,'embedded-1','2027-06-15T14:04:00.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T13:53:00.000000Z','2027-06-15T13:53:00.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "000000000000000000000000000000000000000a", "tag": "refs/tags/submission/10", "submission": 10, "received_at": "2027-06-15T13:53:00Z", "decision": "accepted", "signature": "h94B1Pou0Ya3T3i5UDFJBL7D5RKPOnTV1cmyghBpPAuNWm59PSeJeF2IOtGYv9gE1NDn90SpYzIeKTOQ/qb/Ag==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(11,'brain-tissue','preliminary','tissue',2,2,'000000000000000000000000000000000000000b','refs/tags/submission/11','code','{"task": "tissue", "run": ["python", "predict.py"]}','7de2c53e6876a48ad0b137139f806c67','predicting','2027-06-15T13:56:30.000000Z','',1,1,'embedded-1','2027-06-15T14:06:12.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T13:55:12.000000Z','2027-06-15T13:55:12.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "000000000000000000000000000000000000000b", "tag": "refs/tags/submission/11", "submission": 11, "received_at": "2027-06-15T13:55:12Z", "decision": "accepted", "signature": "DpzxSueAfbYKIFaidWOH3Ule+xLAKlR+Oe8IhU/rFbgK+5uIlLt/FT2CdyGWTmvMWPHHQq7Jg49YGZogalKKAw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(12,'brain-tissue','preliminary','tissue',3,3,'000000000000000000000000000000000000000c','refs/tags/submission/12','code','{"task": "tissue", "run": ["python", "predict.py"]}','2465a568d3761cfa25f5598432b269b8','predicted','2027-06-15T13:58:54.000000Z','',1,1,'embedded-1','2027-06-15T14:08:30.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T13:57:30.000000Z','2027-06-15T13:57:30.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "000000000000000000000000000000000000000c", "tag": "refs/tags/submission/12", "submission": 12, "received_at": "2027-06-15T13:57:30Z", "decision": "accepted", "signature": "uM/l/bbhcTIcVjzfXEOBESv3/2sDofr+v5KgDmTbVcJd/freBAOdkUbutswCzm/4ifyLia581q/wxPDw/6tCBg==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(13,'brain-tissue','preliminary','tissue',1,1,'000000000000000000000000000000000000000d','refs/tags/submission/13','code','{"task": "tissue", "run": ["python", "predict.py"]}','506e3eac6234648979cc6702679058ae','scoring','2027-06-15T14:01:24.000000Z','',1,1,'embedded-1','2027-06-15T14:10:54.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T13:59:54.000000Z','2027-06-15T13:59:54.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "000000000000000000000000000000000000000d", "tag": "refs/tags/submission/13", "submission": 13, "received_at": "2027-06-15T13:59:54Z", "decision": "accepted", "signature": "94XGyPnuW1f0/pA5+bCalSThcPIg4BQvl0yz1hn/Fh2tkBGk+024VhTr/juv0p3evy9cazvzoJZDcLCPBg6vDw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(14,'brain-tissue','preliminary','tissue',2,2,'000000000000000000000000000000000000000e','refs/tags/submission/14','code','{"task": "tissue", "run": ["python", "predict.py"]}','0e0f495d40a06786977004204b9b1a5b','building','2027-06-15T14:03:36.000000Z','',1,1,'embedded-1','2027-06-15T14:13:24.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T14:02:24.000000Z','2027-06-15T14:02:24.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "000000000000000000000000000000000000000e", "tag": "refs/tags/submission/14", "submission": 14, "received_at": "2027-06-15T14:02:24Z", "decision": "accepted", "signature": "qU8ybWmYGyvVgftD/w+uG/sNt3j1P9qn56ptoJQXdmLFxnwmU8CWPVaCfl6Ok19R9rcAXuZVP5OE9uFfVaigDQ==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(15,'brain-tissue','preliminary','tissue',3,3,'000000000000000000000000000000000000000f','refs/tags/submission/15','code','{"task": "tissue", "run": ["python", "predict.py"]}','dddfffd96aad16709146076029c0f84f','built','2027-06-15T14:05:54.000000Z','',1,1,'embedded-1','2027-06-15T14:15:36.000000Z',NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T14:04:36.000000Z','2027-06-15T14:04:36.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "000000000000000000000000000000000000000f", "tag": "refs/tags/submission/15", "submission": 15, "received_at": "2027-06-15T14:04:36Z", "decision": "accepted", "signature": "ZXjZh2HcsTw6CzJQcKYz/uYTiHScfaQzAOmvvYVJRMVCDCr8GtFfN1kYbi+fWAXiUycqs1G8TdyEWiXvJjz7Bw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(16,'brain-tissue','preliminary','tissue',1,1,'0000000000000000000000000000000000000010','refs/tags/submission/16','code','{"task": "tissue", "run": ["python", "predict.py"]}','f2d6bf92c8a90bf3d70f8a51e62429ed','predicting','2027-06-15T14:08:12.000000Z','',1,1,'embedded-1','2027-06-15T14:17:54.000000Z',NULL,0,NULL,NULL,NULL,0,1,'2027-06-15T14:06:54.000000Z','2027-06-15T14:06:54.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "0000000000000000000000000000000000000010", "tag": "refs/tags/submission/16", "submission": 16, "received_at": "2027-06-15T14:06:54Z", "decision": "accepted", "signature": "Qb5xUunjPScYM41MawMENDvfVKDilnTFXVQ2mKaWVh9F0iMr4JwRr4R9DgDQ0//I+RT7MZnb0ZVA3O2XvKLeCg==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(17,'brain-tissue','preliminary','tissue',2,2,'0000000000000000000000000000000000000011','refs/tags/submission/17','code','{"task": "tissue", "run": ["python", "predict.py"]}','a124ee8f1316d3d1de5bccceea07c9ff','received','2027-06-15T14:34:12.000000Z','a fault of the platform, not yours: a lost of platform',4,2,NULL,NULL,'2027-06-15T14:35:12.000000Z',2,NULL,NULL,NULL,0,0,'2027-06-15T14:10:12.000000Z','2027-06-15T14:10:12.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "cluster-collective", "commit": "0000000000000000000000000000000000000011", "tag": "refs/tags/submission/17", "submission": 17, "received_at": "2027-06-15T14:10:12Z", "decision": "accepted", "signature": "xcTEXczvvOh4fROCBC0snJjim4fP23lbggbiAXnFM5w+RZpBxVmzKTRBwtnHq4sEUnhZ7UdO7s9lLFX3dZkWBQ==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(18,'brain-tissue','preliminary','tissue',3,3,'0000000000000000000000000000000000000012','refs/tags/submission/18','code','{"task": "tissue", "run": ["python", "predict.py"]}','6109502b3aea3f5fa410eceb1892e01b','received','2027-06-15T14:35:12.000000Z','',0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T14:35:12.000000Z','2027-06-15T14:35:12.000000Z',NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "gardeners", "commit": "0000000000000000000000000000000000000012", "tag": "refs/tags/submission/18", "submission": 18, "received_at": "2027-06-15T14:35:12Z", "decision": "accepted", "signature": "zhgotkAaZt9Z0qxAPAb7LDASWQyWiIuHCmNQYIn2MtQvdy9ej5FR1U57V6kacEyM5T5Jw+Dlx4ECEg2pq2nXDw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
INSERT INTO "submissions" VALUES(19,'brain-tissue','preliminary','tissue',1,1,'0000000000000000000000000000000000000013','refs/tags/submission/19','code','{"task": "tissue", "run": ["python", "predict.py"]}','bc85551c2000f7d08dc8d03bb0762d97','received','2027-06-15T14:36:12.000000Z','',0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,0,0,'2027-06-15T14:36:12.000000Z',NULL,NULL,'{"receipt": 1, "challenge": "brain-tissue", "phase": "preliminary", "task": "tissue", "team": "threshold-lab", "commit": "0000000000000000000000000000000000000013", "tag": "refs/tags/submission/19", "submission": 19, "received_at": "2027-06-15T14:36:12Z", "decision": "accepted", "signature": "KcINgvtT/RlfEcOdj4hHTxwafc/izSxkCs7bmpY9pikufPNFe4Aegi5eakNETNJpn84MFGXVKbeim7VACEOSDw==", "key": "ed25519:wAeVsdaqa5+3OHUhZ3x5oGiljrgCb46BfSvjpqIq7B0="}');
CREATE TABLE teams (
	id INTEGER NOT NULL, 
	slug VARCHAR(39) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slug)
);
INSERT INTO "teams" VALUES(1,'threshold-lab','Threshold Lab','2027-06-15T12:01:00.000000Z');
INSERT INTO "teams" VALUES(2,'cluster-collective','Cluster Collective','2027-06-15T12:02:00.000000Z');
INSERT INTO "teams" VALUES(3,'gardeners','Gardeners','2027-06-15T12:03:00.000000Z');
INSERT INTO "teams" VALUES(4,'night-owls','Night Owls','2027-06-15T12:04:00.000000Z');
INSERT INTO "teams" VALUES(5,'latecomers','Latecomers','2027-06-15T12:05:00.000000Z');
INSERT INTO "teams" VALUES(6,'gone-fishing','Gone Fishing','2027-06-15T12:06:00.000000Z');
CREATE INDEX submissions_by_state ON submissions (state);
CREATE INDEX events_by_submission ON events (submission_id);
COMMIT;
